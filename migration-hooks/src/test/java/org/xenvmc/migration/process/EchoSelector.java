package org.xenvmc.migration.process;

import static java.nio.channels.SelectionKey.OP_ACCEPT;
import static java.nio.channels.SelectionKey.OP_READ;
import static java.nio.channels.SelectionKey.OP_WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;

/** Sends everything back, with one thread and one selector for all connections. */
final class EchoSelector implements VmProcess.Service {
    private static final int BUFFER_BYTES = 16 * 1024;

    private final Selector selector;
    private volatile long bytes;
    private volatile long ended;

    EchoSelector(SelectorProvider provider) throws IOException {
        selector = provider.openSelector();
    }

    private static final class Session {
        final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
        boolean inputEnded;
    }

    @Override
    public void run(SelectableChannel channel) throws IOException {
        channel.configureBlocking(false);
        channel.register(selector, OP_ACCEPT);
        while (selector.isOpen()) {
            selector.select(this::serve);
        }
    }

    private void serve(SelectionKey key) {
        try {
            if (key.isAcceptable()) {
                acceptAll((ServerSocketChannel) key.channel());
            } else {
                echo(key, (SocketChannel) key.channel(), (Session) key.attachment());
            }
        } catch (IOException e) {
            System.err.println("connection ended: " + e);
            closeQuietly(key.channel());
        }
    }

    private void acceptAll(ServerSocketChannel listener) throws IOException {
        for (SocketChannel c = listener.accept(); c != null; c = listener.accept()) {
            c.configureBlocking(false);
            c.register(selector, OP_READ, new Session());
        }
    }

    @SuppressWarnings("NonAtomicOperationOnVolatileField") // written by one thread
    private void echo(SelectionKey key, SocketChannel channel, Session session) throws IOException {
        ByteBuffer b = session.buffer;
        if (key.isReadable() && !session.inputEnded) {
            int n = channel.read(b);
            session.inputEnded = n < 0;
            bytes += Math.max(0, n);
        }
        b.flip();
        channel.write(b);
        b.compact();
        boolean unsent = b.position() > 0;
        if (session.inputEnded && !unsent) {
            channel.shutdownOutput();
            channel.close();
            ended++;
            return;
        }
        boolean wantsMore = !session.inputEnded && b.hasRemaining();
        key.interestOps((wantsMore ? OP_READ : 0) | (unsent ? OP_WRITE : 0));
    }

    private static void closeQuietly(SelectableChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            System.err.println("close failed: " + e);
        }
    }

    @Override
    public String totals() {
        return bytes + " " + ended;
    }

    @Override
    public void close() throws IOException {
        for (SelectionKey key : selector.keys()) {
            key.channel().close();
        }
        selector.close();
    }
}
