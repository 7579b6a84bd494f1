package org.xenvmc.bench.guest.inside;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;

/**
 * A stream of blocks of one page: random bytes, the number of the block in front, and number and check sum at the end. The checker
 * takes pieces of any length. For one thread.
 */
final class Block {
    static final int BYTES = 4096;
    private static final int TRAILER_BYTES = Long.BYTES;
    private static final int CHECKED_BYTES = BYTES - TRAILER_BYTES;
    private static final long SEED = 4711;

    private final CRC32C sum = new CRC32C();
    private long number;
    private int at; // within the block
    private long trailer;

    /** So many blocks in a row; {@link #stamp} makes them part of the stream. */
    static ByteBuffer blocks(int count) {
        ByteBuffer all = ByteBuffer.allocateDirect(count * BYTES);
        SplittableRandom random = new SplittableRandom(SEED);
        while (all.hasRemaining()) {
            all.putLong(random.nextLong());
        }
        return all.clear();
    }

    /** Makes the block at this position one with this number. */
    static void stamp(ByteBuffer all, int position, long number) {
        all.putLong(position, number);
        CRC32C sum = new CRC32C();
        sum.update(all.duplicate().position(position).limit(position + CHECKED_BYTES));
        all.putLong(position + CHECKED_BYTES, trailer(number, sum));
    }

    private static long trailer(long number, CRC32C sum) {
        return number << Integer.SIZE | sum.getValue();
    }

    /**
     * Compares the next piece of the stream.
     *
     * @throws IOException when it is something else, or out of order
     */
    void check(ByteBuffer piece) throws IOException {
        while (piece.hasRemaining()) {
            if (at < CHECKED_BYTES) {
                int n = Math.min(piece.remaining(), CHECKED_BYTES - at);
                int limit = piece.limit();
                sum.update(piece.limit(piece.position() + n));
                piece.limit(limit);
                at += n;
            } else {
                trailer = trailer << Byte.SIZE | piece.get() & 0xFF;
                at++;
                if (at == BYTES) {
                    end();
                }
            }
        }
    }

    private void end() throws IOException {
        if (trailer != trailer(number, sum)) {
            throw new IOException("the stream differs from what was sent in its block " + number);
        }
        number++;
        at = 0;
        sum.reset();
    }
}
