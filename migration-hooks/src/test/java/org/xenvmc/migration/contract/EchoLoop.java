package org.xenvmc.migration.contract;

import static java.nio.channels.SelectionKey.OP_READ;
import static java.nio.channels.SelectionKey.OP_WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/** A selector loop that sends everything back on each of its connections until all of them have ended. */
final class EchoLoop {
    private static final int BUFFER_BYTES = 20_000;

    private final Selector selector;
    private int open;

    EchoLoop(Selector selector) {
        this.selector = selector;
    }

    void add(SocketChannel channel) throws IOException {
        channel.configureBlocking(false);
        channel.register(selector, OP_READ, ByteBuffer.allocate(BUFFER_BYTES));
        open++;
    }

    void run() throws IOException {
        while (open > 0) {
            selector.select();
            for (SelectionKey key : selector.selectedKeys()) {
                serve(key);
            }
            selector.selectedKeys().clear();
        }
    }

    private void serve(SelectionKey key) throws IOException {
        SocketChannel channel = (SocketChannel) key.channel();
        ByteBuffer b = (ByteBuffer) key.attachment();
        if (key.isReadable() && channel.read(b) < 0) {
            finish(key, channel, b);
            return;
        }
        b.flip();
        channel.write(b);
        b.compact();
        key.interestOps((b.hasRemaining() ? OP_READ : 0) | (b.position() > 0 ? OP_WRITE : 0));
    }

    private void finish(SelectionKey key, SocketChannel channel, ByteBuffer b) throws IOException {
        b.flip();
        while (b.hasRemaining()) {
            channel.write(b);
        }
        channel.shutdownOutput();
        key.cancel();
        open--;
    }
}
