package org.xenvmc.shm.mailbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class MailboxConcurrencyTest {
    private static final int PRODUCERS = 4;
    private static final int MESSAGES = 50_000;

    @Test
    void shouldKeepOrderOfEachProducerWhenManyWriteAtOnce() throws Exception {
        ByteBuffer memory = MailboxFixture.memory(4096);
        ExecutorService threads = Executors.newFixedThreadPool(PRODUCERS);
        try {
            List<Future<?>> done = new ArrayList<>();
            for (int p = 1; p <= PRODUCERS; p++) {
                int type = p;
                done.add(threads.submit(() -> produce(new MailboxWriter(memory), type)));
            }
            long[] next = new long[PRODUCERS + 1];
            MailboxReader reader = new MailboxReader(memory);
            while (Arrays.stream(next).sum() < PRODUCERS * (long) MESSAGES && !Thread.interrupted()) {
                reader.read(
                        (type, payload) -> {
                            long n = payload.getLong(0);
                            if (n != next[type]++ || payload.getLong(payload.limit() - 8) != n) {
                                throw new IllegalStateException("message " + n + " of producer " + type);
                            }
                        },
                        100);
                failIfAny(done);
            }
            assertThat(next).containsExactly(0, MESSAGES, MESSAGES, MESSAGES, MESSAGES);
            assertThat(reader.failures()).isZero();
            assertThat(reader.resets()).isZero();
        } finally {
            threads.shutdownNow();
        }
    }

    private static void failIfAny(List<Future<?>> done) throws Exception {
        for (Future<?> f : done) {
            if (f.isDone()) {
                f.get();
            }
        }
    }

    private static void produce(MailboxWriter writer, int type) {
        ByteBuffer message = ByteBuffer.allocate(256);
        for (long n = 0; n < MESSAGES && !Thread.currentThread().isInterrupted(); n++) {
            int length = 16 + (int) (n * 31 % 200);
            message.clear().limit(length);
            message.putLong(0, n).putLong(length - 8, n);
            while (!writer.write(type, message) && !Thread.currentThread().isInterrupted()) {
                Thread.yield();
            }
        }
    }
}
