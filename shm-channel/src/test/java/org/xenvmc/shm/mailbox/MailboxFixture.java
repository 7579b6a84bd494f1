package org.xenvmc.shm.mailbox;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;

/** Mailboxes in private memory, and messages whose content follows from a number. */
final class MailboxFixture {
    static final String SEED_PROPERTY = "xenvmc.test.seed";

    private MailboxFixture() {}

    static ByteBuffer memory(int capacity) {
        return ByteBuffer.allocateDirect(capacity + MailboxDescriptor.TRAILER_BYTES)
                .order(ByteOrder.nativeOrder());
    }

    /** A seed, printed, that can be given again. */
    static long seed(String test) {
        long seed = Long.getLong(SEED_PROPERTY, System.nanoTime());
        System.getLogger(test).log(System.Logger.Level.INFO, "seed: -D" + SEED_PROPERTY + "=" + seed);
        return seed;
    }

    /** Message number n: its length and content follow from n. */
    static byte[] message(long n, int maxBytes) {
        Random random = new Random(n);
        byte[] bytes = new byte[random.nextInt(maxBytes + 1)];
        random.nextBytes(bytes);
        return bytes;
    }

    static byte[] bytes(ByteBuffer payload) {
        byte[] bytes = new byte[payload.remaining()];
        payload.get(payload.position(), bytes);
        return bytes;
    }
}
