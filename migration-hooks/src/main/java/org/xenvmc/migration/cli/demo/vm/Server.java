package org.xenvmc.migration.cli.demo.vm;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import org.xenvmc.transport.JdkSelectorProvider;

/** The demo's server: one blocking thread per connection, like any simple server. */
final class Server implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Server.class.getName());

    private final ServerSocketChannel ours;
    private final ServerSocketChannel plain;
    private final ReceivedStream stream = new ReceivedStream();

    /** Listens on two ports of the loopback address: through the library, and through the JDK's own channels. */
    Server() throws IOException {
        ours = listen(SelectorProvider.provider());
        plain = listen(JdkSelectorProvider.get());
    }

    private ServerSocketChannel listen(SelectorProvider provider) throws IOException {
        ServerSocketChannel server = provider.openServerSocketChannel();
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        start("demo-accept", () -> acceptAll(server));
        return server;
    }

    private static void start(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    int port() throws IOException {
        return ((InetSocketAddress) ours.getLocalAddress()).getPort();
    }

    int plainPort() throws IOException {
        return ((InetSocketAddress) plain.getLocalAddress()).getPort();
    }

    ReceivedStream stream() {
        return stream;
    }

    private void acceptAll(ServerSocketChannel server) {
        while (server.isOpen()) {
            try {
                SocketChannel channel = server.accept();
                start("demo-serve", () -> serve(channel));
            } catch (IOException e) {
                if (server.isOpen()) {
                    LOG.log(Level.WARNING, "accepting failed", e);
                }
            }
        }
    }

    private void serve(SocketChannel channel) {
        try (channel) {
            ByteBuffer head = ByteBuffer.allocate(Wire.HEAD_BYTES);
            while (channel.read(head) >= 0) {
                Wire.readAll(channel, head);
                head.flip();
                step(channel, head.get(), head.getLong());
                head.clear();
            }
        } catch (IOException e) {
            LOG.log(Level.WARNING, "a connection ended: " + e, e);
        }
    }

    private void step(SocketChannel channel, byte step, long length) throws IOException {
        switch (step) {
            case Wire.ECHO -> echo(channel);
            case Wire.SINK -> sink(channel, length);
            case Wire.HASH -> stream.pass(channel, length);
            case Wire.END -> {
                Wire.sendNumber(channel, stream.bytes());
                stream.end();
            }
            default -> throw new IOException("unknown step " + step);
        }
    }

    private static void echo(SocketChannel channel) throws IOException {
        ByteBuffer message = ByteBuffer.allocateDirect(Wire.MESSAGE_BYTES);
        long number;
        do {
            message.clear();
            Wire.readAll(channel, message);
            number = message.getLong(0);
            Wire.writeAll(channel, message.flip());
        } while (number != Wire.LAST);
    }

    private static void sink(SocketChannel channel, long length) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocateDirect(Wire.CHUNK_BYTES);
        long left = length;
        while (left > 0) {
            chunk.clear().limit((int) Math.min(chunk.capacity(), left));
            int count = channel.read(chunk);
            if (count < 0) {
                throw new IOException("the connection ended " + left + " bytes too early");
            }
            left -= count;
        }
        Wire.sendNumber(channel, length);
    }

    @Override
    public void close() throws IOException {
        ours.close();
        plain.close();
    }
}
