package org.xenvmc.migration.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.world.Background;
import org.xenvmc.migration.world.Io;
import org.xenvmc.migration.world.Pair;

class ConcurrencyContractTest extends Contract {
    private static final int THREADS = 4;
    private static final int RECORDS = 300;
    private static final int RECORD_BYTES = 3000;

    @Test
    void shouldKeepEachWriteTogetherWhenThreadsWriteAtOnce() throws Exception {
        Pair p = pair();
        List<Background<Void>> writers = new ArrayList<>();
        for (int t = 0; t < THREADS; t++) {
            byte id = (byte) (t + 1);
            writers.add(Background.run(() -> {
                for (int i = 0; i < RECORDS; i++) {
                    p.client().write(record(id));
                }
            }));
        }
        int[] seen = new int[THREADS + 1];
        ByteBuffer b = ByteBuffer.allocate(RECORD_BYTES);
        for (int i = 0; i < THREADS * RECORDS; i++) {
            Io.readFully(p.server(), b.clear());
            byte id = b.get(0);
            assertThat(b.flip()).as("record %d", i).isEqualTo(record(id));
            seen[id]++;
        }
        assertThat(seen).containsExactly(0, RECORDS, RECORDS, RECORDS, RECORDS);
        for (Background<Void> w : writers) {
            w.result();
        }
    }

    private static ByteBuffer record(byte id) {
        ByteBuffer b = ByteBuffer.allocate(RECORD_BYTES);
        while (b.hasRemaining()) {
            b.put(id);
        }
        return b.flip();
    }

    @Test
    void shouldDeliverEachByteOnceWhenThreadsReadAtOnce() throws Exception {
        Pair p = pair();
        int total = 1 << 20;
        AtomicLong count = new AtomicLong();
        AtomicLong sum = new AtomicLong();
        List<Background<Void>> readers = new ArrayList<>();
        for (int t = 0; t < THREADS; t++) {
            readers.add(Background.run(() -> {
                ByteBuffer b = ByteBuffer.allocate(1000);
                while (p.server().read(b.clear()) >= 0) {
                    b.flip();
                    count.addAndGet(b.remaining());
                    while (b.hasRemaining()) {
                        sum.addAndGet(b.get());
                    }
                }
            }));
        }
        ByteBuffer out = ByteBuffer.allocate(total);
        long expected = 0;
        for (int i = 0; i < total; i++) {
            byte value = (byte) (i * 31);
            expected += value;
            out.put(value);
        }
        assertThat(p.client().write(out.flip())).isEqualTo(total);
        p.client().shutdownOutput();
        for (Background<Void> r : readers) {
            r.result();
        }
        assertThat(count).hasValue(total);
        assertThat(sum).hasValue(expected);
    }

    @Test
    void shouldServeManyConnectionsWhenEachHasItsThreads() throws Exception {
        int connections = 12;
        List<Background<Void>> ends = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            Pair p = pair();
            int id = i;
            ends.add(Background.run(() -> {
                for (int n = 0; n < 200; n++) {
                    Io.write(p.client(), "%02d:%04d".formatted(id, n));
                    assertThat(Io.read(p.client(), 4)).isEqualTo("%04d".formatted(n + id));
                }
            }));
            ends.add(Background.run(() -> {
                for (int n = 0; n < 200; n++) {
                    assertThat(Io.read(p.server(), 7)).isEqualTo("%02d:%04d".formatted(id, n));
                    Io.write(p.server(), "%04d".formatted(n + id));
                }
            }));
        }
        for (Background<Void> end : ends) {
            end.result();
        }
    }
}
