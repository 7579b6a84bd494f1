package org.xenvmc.transport;

import java.io.IOException;
import org.xenvmc.transport.World.Pair;

/** A {@link World} whose connections a test puts on memory. */
final class RingWorld implements AutoCloseable {
    final FakeEngine engine;
    final VmcSelectorProvider provider;
    final World world;

    RingWorld(WaitStrategy wait, boolean startInMemory) {
        engine = new FakeEngine(startInMemory);
        VmcContext context = new VmcContext().waitStrategy(wait);
        provider = new VmcSelectorProvider(context, JdkSelectorProvider.get(), c -> engine);
        world = new World(provider);
    }

    Pair pair() throws IOException {
        return world.pair().nonBlocking();
    }

    void path(Pair pair, boolean memory) throws IOException {
        engine.stream(pair.client()).path(memory);
        engine.stream(pair.server()).path(memory);
    }

    @Override
    public void close() throws IOException {
        try {
            world.close();
        } finally {
            engine.close();
        }
    }
}
