package org.xenvmc.migration.world;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.Channel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Supplier;

/**
 * Where a contract is tested: somebody's channels, and a way of carrying their bytes. {@link #close()} closes whatever the
 * test opened here, and fails if anything stays behind.
 */
public abstract class World {
    private final InetAddress loopback;
    private final Deque<AutoCloseable> opened = new ConcurrentLinkedDeque<>();
    private ServerSocketChannel listener;
    private Residue before;

    World(InetAddress loopback) {
        this.loopback = loopback;
    }

    /** Makes a world; what is there before that does not count as left behind by it. */
    static World open(Supplier<World> factory) {
        Residue before = Residue.now();
        World world = factory.get();
        world.before = before;
        return world;
    }

    /** Makes the channels of the connecting side. */
    public abstract SelectorProvider client();

    /** Makes the channels of the accepting side. */
    public abstract SelectorProvider server();

    /** Brings a new connection onto the path that this world is about; no byte of the test's is left in it. */
    abstract void settle(Pair pair) throws Exception;

    /** Ends what the world started, after the channels were closed. */
    abstract void stop() throws Exception;

    /** Descriptions of files, mappings and so on that are still there; empty when all is well. */
    abstract String leftBehind() throws IOException;

    /** The loopback address of this world's protocol family. */
    public InetAddress loopback() {
        return loopback;
    }

    /** The loopback address with a port that the system chooses. */
    public InetSocketAddress anyPort() {
        return new InetSocketAddress(loopback, 0);
    }

    /** A port on which nobody listens. */
    public InetSocketAddress deadPort() throws IOException {
        try (ServerSocketChannel s = ServerSocketChannel.open().bind(anyPort())) {
            return (InetSocketAddress) s.getLocalAddress();
        }
    }

    /** A channel of the connecting side, not connected. */
    public SocketChannel open() throws IOException {
        return track(client().openSocketChannel());
    }

    /** A listening channel of the accepting side. */
    public ServerSocketChannel listen() throws IOException {
        ServerSocketChannel s = track(server().openServerSocketChannel());
        s.bind(anyPort());
        return s;
    }

    /** A selector for channels like this one. */
    public Selector selector(SelectableChannel channel) throws IOException {
        return track(channel.provider().openSelector());
    }

    /** A new connection on the path that this world is about. */
    public Pair pair() throws Exception {
        Pair pair = plainPair();
        settle(pair);
        return pair;
    }

    /** Brings a connection that a test made in its own way onto the path that this world is about. */
    public Pair settled(Pair pair) throws Exception {
        settle(pair);
        return pair;
    }

    /** A new connection that nothing was done with yet. */
    public synchronized Pair plainPair() throws IOException {
        if (listener == null) {
            listener = listen();
        }
        SocketChannel c = open();
        c.connect(listener.getLocalAddress());
        return new Pair(c, track(listener.accept()));
    }

    /** Closes it with the world. */
    public <C extends AutoCloseable> C track(C closeable) {
        opened.addFirst(closeable);
        return closeable;
    }

    /** Closes everything and waits, with a limit, until nothing is left of it. */
    public void close() throws Exception {
        // channels first: closing a selector deregisters them, which is what frees their descriptors
        for (AutoCloseable c : opened) {
            if (c instanceof Channel) {
                c.close();
            }
        }
        for (AutoCloseable c : opened) {
            c.close();
        }
        stop();
        before.awaitNothingNew(this::leftBehind);
    }
}
