package org.xenvmc.migration.contract;

import org.junit.jupiter.api.BeforeEach;
import org.xenvmc.migration.world.SocketPair;
import org.xenvmc.migration.world.Sockets;

/** One part of what {@code java.net} promises, tested in every world. The JDK's own sockets are the reference. */
abstract class SocketContract extends Contract {
    static final int SHORT_MS = 30;
    static final int LONG_MS = 20_000;

    Sockets sockets;

    @BeforeEach
    void openSockets() {
        sockets = new Sockets(world);
    }

    final SocketPair socketPair() throws Exception {
        return sockets.pair();
    }
}
