package org.xenvmc.transport.async;

import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Arrays;

/** Attempts to read and to write. */
final class Transfers {
    private static final String READ_ONLY = "Read-only buffer";

    private Transfers() {}

    static Attempt read(SocketChannel from, ByteBuffer dst) {
        return () -> {
            int n = from.read(dst);
            return n == 0 && dst.hasRemaining() ? Attempt.NOT_YET : (Object) n;
        };
    }

    static Attempt read(SocketChannel from, ByteBuffer[] dsts) {
        return () -> {
            long n = from.read(dsts);
            return n == 0 && haveRemaining(dsts) ? Attempt.NOT_YET : (Object) n;
        };
    }

    static Attempt write(SocketChannel to, ByteBuffer src) {
        return () -> {
            int n = to.write(src);
            return n == 0 && src.hasRemaining() ? Attempt.NOT_YET : (Object) n;
        };
    }

    static Attempt write(SocketChannel to, ByteBuffer[] srcs) {
        return () -> {
            long n = to.write(srcs);
            return n == 0 && haveRemaining(srcs) ? Attempt.NOT_YET : (Object) n;
        };
    }

    private static boolean haveRemaining(ByteBuffer[] buffers) {
        for (ByteBuffer b : buffers) {
            if (b.hasRemaining()) {
                return true;
            }
        }
        return false;
    }

    static void requireWritable(ByteBuffer dst) {
        if (dst.isReadOnly()) {
            throw new IllegalArgumentException(READ_ONLY);
        }
    }

    /** The buffers of an operation, which the caller may change in its array meanwhile. */
    static ByteBuffer[] subsequence(ByteBuffer[] buffers, int offset, int length) {
        if (offset < 0 || length < 0 || offset > buffers.length - length) {
            throw new IndexOutOfBoundsException();
        }
        return Arrays.copyOfRange(buffers, offset, offset + length);
    }
}
