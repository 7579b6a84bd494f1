package org.xenvmc.transport;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import org.xenvmc.transport.spi.ByteStream;

/** The input stream of a channel or of its adaptor. Closing it closes the channel. */
final class VmcSocketInputStream extends InputStream {
    private final IntSupplier timeoutMs;
    private final VmcSocketChannel channel;

    /** @param timeoutMs how long a read may wait, asked before each; 0 is without limit */
    VmcSocketInputStream(IntSupplier timeoutMs, VmcSocketChannel channel) {
        this.timeoutMs = timeoutMs;
        this.channel = channel;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) > 0 ? one[0] & 0xff : -1;
    }

    @Override
    public int read(byte[] b, int off, int len) throws IOException {
        Objects.checkFromIndexSize(off, len, b.length);
        if (len == 0) {
            return 0;
        }
        int limitMs = timeoutMs.getAsInt();
        long timeoutNs = limitMs == 0 ? ByteStream.FOREVER : TimeUnit.MILLISECONDS.toNanos(limitMs);
        ByteStream stream = channel.blockingStream();
        try {
            return stream.read(ByteBuffer.wrap(b, off, len), timeoutNs);
        } catch (ClosedChannelException e) {
            throw channel.followClose(e);
        }
    }

    @Override
    public int available() throws IOException {
        return channel.available();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
