package org.xenvmc.bench.ring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xenvmc.bench.workload.Sample;
import org.xenvmc.bench.workload.WorkloadArguments;

class RingStreamTest {
    private static final int CAPACITY = 64 * 1024;

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(ints = {1, 64, 1024, 65536})
    void shouldDeliverWhatWasSentThroughOurRing(int blockBytes) throws Exception {
        RingFile receiving = map(OurLink.ringBytes(CAPACITY));
        RingFile sending = map(OurLink.ringBytes(CAPACITY));
        ByteBuffer memory = receiving.ring();
        OurLink.initialise(memory, CAPACITY);
        RingLink receiver = OurLink.receiver(memory, CAPACITY);
        RingLink sender = OurLink.sender(sending.ring(), CAPACITY);
        assertTwoRounds(new RingStream(receiving, receiver), new RingStream(sending, sender), blockBytes);
    }

    @ParameterizedTest
    @Tag("agrona")
    @ValueSource(ints = {1, 64, 1024, 65536})
    void shouldDeliverWhatWasSentThroughAgronasRing(int blockBytes) throws Exception {
        RingFile receiving = map(AgronaLink.ringBytes(CAPACITY));
        RingFile sending = map(AgronaLink.ringBytes(CAPACITY));
        RingLink receiver = AgronaLink.open(receiving.ring(), CAPACITY, blockBytes);
        RingLink sender = AgronaLink.open(sending.ring(), CAPACITY, blockBytes);
        assertTwoRounds(new RingStream(receiving, receiver), new RingStream(sending, sender), blockBytes);
    }

    private RingFile map(int ringBytes) throws IOException {
        return RingFile.map(directory.resolve("ring"), ringBytes);
    }

    private static void assertTwoRounds(RingStream receiver, RingStream sender, int blockBytes) throws Exception {
        for (int round = 0; round < 2; round++) {
            FutureTask<Sample> served = new FutureTask<>(receiver::serve);
            new Thread(served, "receiver").start();
            Sample sent = sender.drive(new WorkloadArguments(5_000_000, blockBytes, Map.of()));
            assertThat(served.get().fields().get(Sample.BYTES))
                    .isEqualTo(sent.fields().get(Sample.BYTES));
        }
    }
}
