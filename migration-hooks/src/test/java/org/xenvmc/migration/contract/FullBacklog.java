package org.xenvmc.migration.contract;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/** A listener whose queue is full: to connect to it takes until it accepts. Made of the JDK's channels only. */
final class FullBacklog implements AutoCloseable {
    private static final long SETTLED_MS = 200;

    private final ServerSocketChannel listener;
    private final List<SocketChannel> queued = new ArrayList<>();

    FullBacklog(InetSocketAddress anyPort) throws IOException {
        listener = ServerSocketChannel.open().bind(anyPort, 1);
        boolean full = false;
        while (!full) {
            SocketChannel c = SocketChannel.open();
            queued.add(c);
            c.configureBlocking(false);
            full = !c.connect(listener.getLocalAddress()) && !connects(c);
        }
    }

    private static boolean connects(SocketChannel c) throws IOException {
        try (Selector selector = Selector.open()) {
            c.register(selector, SelectionKey.OP_CONNECT);
            return selector.select(SETTLED_MS) == 1 && c.finishConnect();
        }
    }

    InetSocketAddress address() throws IOException {
        return (InetSocketAddress) listener.getLocalAddress();
    }

    @Override
    public void close() throws IOException {
        for (SocketChannel c : queued) {
            c.close();
        }
        listener.close();
    }
}
