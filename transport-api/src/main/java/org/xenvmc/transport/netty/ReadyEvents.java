package org.xenvmc.transport.netty;

import io.netty.channel.nio.NioIoEvent;
import io.netty.channel.nio.NioIoOps;

/** One event per set of operations, so that none is made while running. */
final class ReadyEvents {
    private static final int SETS = 32; // of OP_READ, OP_WRITE, OP_CONNECT and OP_ACCEPT
    private static final NioIoEvent[] EVENTS = new NioIoEvent[SETS];

    static {
        for (int i = 0; i < SETS; i++) {
            NioIoOps ops = NioIoOps.valueOf(i);
            EVENTS[i] = () -> ops;
        }
    }

    private ReadyEvents() {}

    static NioIoEvent of(int ops) {
        return EVENTS[ops];
    }
}
