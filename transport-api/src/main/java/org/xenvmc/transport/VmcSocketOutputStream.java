package org.xenvmc.transport;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.Objects;
import org.xenvmc.transport.spi.ByteStream;

/** The output stream of a channel or of its adaptor: every write writes all. Closing it closes the channel. */
final class VmcSocketOutputStream extends OutputStream {
    private final VmcSocketChannel channel;

    VmcSocketOutputStream(VmcSocketChannel channel) {
        this.channel = channel;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] b, int off, int len) throws IOException {
        Objects.checkFromIndexSize(off, len, b.length);
        if (len > 0) {
            writeAll(ByteBuffer.wrap(b, off, len));
        }
    }

    private void writeAll(ByteBuffer src) throws IOException {
        ByteStream stream = channel.blockingStream();
        try {
            do {
                stream.write(src, true);
            } while (src.hasRemaining());
        } catch (ClosedChannelException e) {
            throw channel.followClose(e);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
