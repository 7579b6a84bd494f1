package org.xenvmc.transport;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.xenvmc.transport.spi.ByteStream;

/** The input stream of a socket adaptor. Closing it closes the channel. */
final class VmcSocketInputStream extends InputStream {
    private final VmcSocket socket;
    private final VmcSocketChannel channel;

    VmcSocketInputStream(VmcSocket socket, VmcSocketChannel channel) {
        this.socket = socket;
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
        int timeoutMs = socket.readTimeoutMs();
        long timeoutNs = timeoutMs == 0 ? ByteStream.FOREVER : TimeUnit.MILLISECONDS.toNanos(timeoutMs);
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
