package org.xenvmc.migration.world;

import java.io.IOException;
import java.nio.channels.SocketChannel;

/** The two ends of one connection, both in blocking mode at first. */
public record Pair(SocketChannel client, SocketChannel server) implements AutoCloseable {
    /** The same connection seen from the other side. */
    public Pair swapped() {
        return new Pair(server, client);
    }

    /** Sets the mode of both ends. */
    public Pair blocking(boolean block) throws IOException {
        client.configureBlocking(block);
        server.configureBlocking(block);
        return this;
    }

    @Override
    public void close() throws IOException {
        client.close();
        server.close();
    }
}
