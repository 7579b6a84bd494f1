package org.xenvmc.migration.contract;

import java.nio.channels.AsynchronousSocketChannel;
import org.xenvmc.migration.world.FutureSocketChannel;
import org.xenvmc.migration.world.Pair;

/** The two ends of one connection. */
record AsyncPair(AsynchronousSocketChannel client, AsynchronousSocketChannel server) {
    /** The same connection for code that blocks. */
    Pair blocking() {
        return new Pair(new FutureSocketChannel(client), new FutureSocketChannel(server));
    }
}
