package org.xenvmc.migration.world;

import java.net.InetAddress;
import java.nio.channels.spi.SelectorProvider;

/** The JDK's own channels: the reference. */
final class JdkWorld extends World {
    JdkWorld(InetAddress loopback) {
        super(loopback);
    }

    @Override
    public SelectorProvider client() {
        return SelectorProvider.provider();
    }

    @Override
    public SelectorProvider server() {
        return SelectorProvider.provider();
    }

    @Override
    void settle(Pair pair) {
        // plain TCP from the first byte
    }

    @Override
    void stop() {
        // nothing was started
    }

    @Override
    String leftBehind() {
        return "";
    }
}
