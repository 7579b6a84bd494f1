package org.xenvmc.transport.net;

import java.io.FileDescriptor;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketImplFactory;
import java.nio.channels.Channel;
import java.nio.channels.spi.SelectorProvider;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.net.ServerSocketFactory;
import javax.net.SocketFactory;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.VmcConnections;
import org.xenvmc.transport.VmcSelectorProvider;

/**
 * {@code java.net} sockets over the library, without the agent:
 *
 * <pre>{@code
 * Socket.setSocketImplFactory(VmcSockets.factory());             // every new Socket()
 * ServerSocket.setSocketFactory(VmcSockets.serverFactory());     // every new ServerSocket()
 * Socket one = VmcSockets.socketFactory().createSocket(host, port);
 * }</pre>
 *
 * <p>Two things differ from the JDK's own sockets then, and only the agent can prevent it: an interrupt of a thread that is
 * blocked in such a socket closes it, as with channels; and, as with every socket factory, {@code Socket()} does not look for
 * a SOCKS proxy in the system's settings. All methods may be called by any thread.
 */
public final class VmcSockets {
    private static volatile InterruptPolicy interruptPolicy = InterruptPolicy.AS_CHANNELS;
    private static volatile Function<Channel, FileDescriptor> descriptors = channel -> null;

    private VmcSockets() {}

    private static final class Default {
        static final VmcSelectorProvider PROVIDER = find();

        private static VmcSelectorProvider find() {
            SelectorProvider configured = SelectorProvider.provider();
            return configured instanceof VmcSelectorProvider
                    ? (VmcSelectorProvider) configured
                    : new VmcSelectorProvider();
        }
    }

    /**
     * The VM of this process: the one that is the process's selector provider, else one of its own for sockets, made at the
     * first call and configured by system properties. Always the same one.
     *
     * @throws IllegalArgumentException naming the system property that is wrong
     */
    public static VmcSelectorProvider provider() {
        return Default.PROVIDER;
    }

    /** For {@link Socket#setSocketImplFactory}. */
    public static SocketImplFactory factory() {
        return new VmcSocketImplFactory(VmcSockets::provider, false);
    }

    /** For {@link java.net.ServerSocket#setSocketFactory}. */
    public static SocketImplFactory serverFactory() {
        return new VmcSocketImplFactory(VmcSockets::provider, true);
    }

    /** Sockets of this process's VM. */
    public static SocketFactory socketFactory() {
        return new VmcSocketFactory(VmcSockets::provider);
    }

    /** Server sockets of this process's VM. */
    public static ServerSocketFactory serverSocketFactory() {
        return new VmcServerSocketFactory(VmcSockets::provider);
    }

    /** Sockets of this VM. */
    public static SocketFactory socketFactory(VmcSelectorProvider vm) {
        return new VmcSocketFactory(fixed(vm));
    }

    /** Server sockets of this VM. */
    public static ServerSocketFactory serverSocketFactory(VmcSelectorProvider vm) {
        return new VmcServerSocketFactory(fixed(vm));
    }

    private static Supplier<VmcSelectorProvider> fixed(VmcSelectorProvider vm) {
        Objects.requireNonNull(vm, "vm");
        return () -> vm;
    }

    /**
     * What the library knows of a socket's connection; empty when it is not connected or not ours. Looks through all
     * connections of this process's VM: for people and tools, not for every request. Never blocks on the network.
     */
    public static Optional<ConnectionInfo> info(Socket socket) {
        if (VmcConnections.isOurs(socket)) {
            return socket.isConnected() ? Optional.of(VmcConnections.info(socket)) : Optional.empty();
        }
        InetSocketAddress local = (InetSocketAddress) socket.getLocalSocketAddress();
        InetSocketAddress remote = (InetSocketAddress) socket.getRemoteSocketAddress();
        if (remote == null) {
            return Optional.empty();
        }
        return provider().engine().connections().stream()
                .filter(c -> c.local().equals(local) && c.remote().equals(remote))
                .findFirst();
    }

    static InterruptPolicy interruptPolicy() {
        return interruptPolicy;
    }

    /** Called by the agent, before the first socket. */
    public static void interruptPolicy(InterruptPolicy policy) {
        interruptPolicy = Objects.requireNonNull(policy, "policy");
    }

    /** What {@code SocketImpl} shows its subclasses; null without the agent. */
    static FileDescriptor descriptorOf(Channel channel) {
        return descriptors.apply(channel);
    }

    /**
     * Called by the agent, before the first socket.
     *
     * @param source tells the descriptor of a channel of the JDK
     */
    public static void descriptors(Function<Channel, FileDescriptor> source) {
        descriptors = Objects.requireNonNull(source, "source");
    }
}
