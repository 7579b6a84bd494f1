package org.xenvmc.transport;

import java.io.IOException;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.nio.channels.Channel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AbstractSelector;
import java.nio.channels.spi.SelectorProvider;
import java.util.Objects;
import org.xenvmc.transport.spi.TransportEngine;
import org.xenvmc.transport.spi.TransportEngineFactory;

/**
 * Makes socket channels whose bytes travel through shared memory while both ends run on one host, and over TCP while
 * they do not. For a whole program: {@code
 * -Djava.nio.channels.spi.SelectorProvider=org.xenvmc.transport.VmcSelectorProvider}; or by calling {@code open...}
 * here.
 *
 * <p>One provider is one VM: it has one {@link TransportEngine}, made with the first connection or listener. Datagram,
 * pipe, unix-domain and inherited channels are the JDK's own; {@link #openSelector()} takes them together with ours.
 *
 * <p>All methods may be called by any thread.
 */
public class VmcSelectorProvider extends SelectorProvider {
    private final VmcContext context;
    private final SelectorProvider jdk;
    private final EngineHolder engine;

    /** A provider configured by system properties (see {@link VmcContext#fromSystemProperties()}). */
    public VmcSelectorProvider() {
        this(VmcContext.fromSystemProperties());
    }

    /**
     * A provider with its own configuration.
     *
     * @throws IllegalArgumentException naming the value that is wrong
     */
    public VmcSelectorProvider(VmcContext context) {
        this(context, JdkSelectorProvider.get());
    }

    /**
     * A provider with its own configuration, on top of a given provider.
     *
     * @param jdk makes the TCP channels and selectors below; the JDK's own
     * @throws IllegalArgumentException naming the value that is wrong
     */
    public VmcSelectorProvider(VmcContext context, SelectorProvider jdk) {
        this(context, jdk, EngineHolder::load);
    }

    /** For tests of the channels without an implementation. */
    VmcSelectorProvider(VmcContext context, SelectorProvider jdk, TransportEngineFactory factory) {
        this.context = context.conclude();
        this.jdk = Objects.requireNonNull(jdk, "jdk");
        this.engine = new EngineHolder(this.context, factory);
    }

    /** The configuration; it does not change any more. */
    public final VmcContext context() {
        return context;
    }

    /** What stands behind the channels: for questions, migration and the kill switch. Made at the first call. */
    public final TransportEngine engine() {
        return engine.get();
    }

    /** The engine if a connection or listener has already needed it, else null. */
    final TransportEngine engineIfMade() {
        return engine.ifMade();
    }

    @Override
    public SocketChannel openSocketChannel() throws IOException {
        return new VmcSocketChannel(this, jdk.openSocketChannel());
    }

    @Override
    public SocketChannel openSocketChannel(ProtocolFamily family) throws IOException {
        SocketChannel channel = jdk.openSocketChannel(family);
        return family == StandardProtocolFamily.UNIX ? channel : new VmcSocketChannel(this, channel);
    }

    @Override
    public ServerSocketChannel openServerSocketChannel() throws IOException {
        return new VmcServerSocketChannel(this, jdk.openServerSocketChannel());
    }

    @Override
    public ServerSocketChannel openServerSocketChannel(ProtocolFamily family) throws IOException {
        ServerSocketChannel channel = jdk.openServerSocketChannel(family);
        return family == StandardProtocolFamily.UNIX ? channel : new VmcServerSocketChannel(this, channel);
    }

    @Override
    public AbstractSelector openSelector() throws IOException {
        return new VmcSelector(this, jdk.openSelector());
    }

    @Override
    public DatagramChannel openDatagramChannel() throws IOException {
        return jdk.openDatagramChannel();
    }

    @Override
    public DatagramChannel openDatagramChannel(ProtocolFamily family) throws IOException {
        return jdk.openDatagramChannel(family);
    }

    @Override
    public Pipe openPipe() throws IOException {
        return jdk.openPipe();
    }

    @Override
    public Channel inheritedChannel() throws IOException {
        return jdk.inheritedChannel();
    }
}
