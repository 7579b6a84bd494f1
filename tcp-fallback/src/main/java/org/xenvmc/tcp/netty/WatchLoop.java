package org.xenvmc.tcp.netty;

import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.concurrent.TimeUnit;

/**
 * One event loop that watches the TCP connections beside their rings for end of stream, reset and frames, and sends what
 * did not fit. Its thread starts with the first watch and sleeps while nothing happens.
 */
public final class WatchLoop implements AutoCloseable {
    /** Reacts to readiness. Called by the loop's thread only; must not block. */
    @FunctionalInterface
    public interface Handler {
        /**
         * The channel is ready.
         *
         * @param readyOps {@link java.nio.channels.SelectionKey} operations
         * @return what to watch for from now on
         */
        int ready(int readyOps);
    }

    private final SelectorProvider provider;
    private final long periodS;
    private final Runnable periodic;
    private IoEventLoopGroup group;
    private boolean closed;

    /**
     * Creates a loop without a thread.
     *
     * @param provider the JDK's own provider
     * @param periodS time in seconds between two runs of the periodic task
     * @param periodic run by the loop's thread, must not block
     */
    public WatchLoop(SelectorProvider provider, long periodS, Runnable periodic) {
        this.provider = provider;
        this.periodS = periodS;
        this.periodic = periodic;
    }

    /**
     * Prepares watching a channel, which must be non-blocking while it is watched.
     *
     * @throws IOException when the loop is closed
     */
    public Watch watch(SocketChannel channel, Handler handler) throws IOException {
        return new Watch(group().next(), channel, handler);
    }

    private synchronized IoEventLoopGroup group() throws IOException {
        if (closed) {
            throw new IOException("this VM is closed: its TCP connections are not watched any more");
        }
        if (group == null) {
            group = new MultiThreadIoEventLoopGroup(
                    1, new DefaultThreadFactory("xenvmc-tcp", true), NioIoHandler.newFactory(provider));
            // also keeps the loop from waking once a second, as it does when nothing is scheduled
            group.next().scheduleWithFixedDelay(periodic, periodS, periodS, TimeUnit.SECONDS);
        }
        return group;
    }

    /** Ends the loop and its thread; watches end without a call. */
    @Override
    public synchronized void close() {
        closed = true;
        if (group != null) {
            group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
            group = null;
        }
    }
}
