package programs;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Random bytes that both ends can make for themselves. Payloads of different sequence numbers differ everywhere. */
public final class Payload {
    private static final long SEED = 42;
    private static final int VARIANTS = 4096;
    private static final int STEP = 977; // prime, so that every variant has its turn

    private static byte[] all = new byte[0];

    private final byte[] bytes;
    private final int from;
    private final int length;

    /** The payload of that size with that number. */
    public Payload(int length, int sequence) {
        this.bytes = random(length + VARIANTS);
        this.from = (int) ((long) sequence * STEP % VARIANTS);
        this.length = length;
    }

    private static synchronized byte[] random(int length) {
        if (all.length < length) {
            byte[] more = new byte[length];
            new SplittableRandom(SEED).nextBytes(more);
            all = more;
        }
        return all;
    }

    /** To be read. */
    public InputStream open() {
        return new ByteArrayInputStream(bytes, from, length);
    }

    /** A copy. */
    public byte[] toBytes() {
        return Arrays.copyOfRange(bytes, from, from + length);
    }

    /**
     * Compares.
     *
     * @throws IOException when it is something else, saying from where on
     */
    public void check(byte[] received) throws IOException {
        try (OutputStream comparing = comparing()) {
            comparing.write(received);
        }
    }

    /**
     * Compares to its end.
     *
     * @return how many bytes there were
     */
    public long check(InputStream received) throws IOException {
        try (OutputStream comparing = comparing()) {
            return received.transferTo(comparing);
        }
    }

    /** Takes what was received, and fails where it differs from this payload, or when it is closed too early. */
    public OutputStream comparing() {
        return new Comparing();
    }

    private final class Comparing extends OutputStream {
        private int position;

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] chunk, int offset, int count) throws IOException {
            if (count > length - position) {
                throw new IOException("more than the " + length + " bytes that were sent");
            }
            int at = from + position;
            int difference = Arrays.mismatch(chunk, offset, offset + count, bytes, at, at + count);
            if (difference >= 0) {
                throw new IOException("byte " + (position + difference) + " of " + length + " is not what was sent");
            }
            position += count;
        }

        @Override
        public void close() throws IOException {
            if (position != length) {
                throw new IOException("ended after " + position + " of " + length + " bytes");
            }
        }
    }
}
