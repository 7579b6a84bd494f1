package org.xenvmc.transport.net;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.ref.Cleaner;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketImpl;
import java.net.SocketOption;
import java.net.SocketOptions;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.function.Supplier;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.VmcSelectorProvider;

/**
 * What stands behind a {@code java.net.Socket} or {@code ServerSocket} of ours: its bytes go where the library sends them.
 * Behaves as the JDK's own implementation, exceptions and messages included; threads and locking as the contract of
 * {@link java.net.Socket} has it: any thread may close it, and who is blocked in it then ends with a {@code SocketException}
 * "Socket closed".
 *
 * <p>A socket that nobody refers to any more is closed, as the JDK's. Made by {@link VmcSockets} and by the agent.
 */
public class VmcSocketImpl extends SocketImpl {
    private static final Cleaner CLEANER = Cleaner.create();

    private final Supplier<VmcSelectorProvider> owner;
    private final boolean server;

    /** Guards the creation of what lies below. Never held while blocking. */
    private final Object stateLock = new Object();

    private volatile DataCore data; // set once, never if this is a server
    private volatile ListenerCore listener; // set once, if this is a server
    private Cleaner.Cleanable cleanable;
    private volatile boolean closed;
    private volatile int timeoutMs;
    private InetSocketAddress wantedLocal; // of a server: binding and listening are one step of the channel below

    /**
     * An implementation that is not created yet.
     *
     * @param owner the VM; asked when a connection is established or a server listens
     * @param server whether it is for a server socket
     */
    public VmcSocketImpl(Supplier<VmcSelectorProvider> owner, boolean server) {
        this.owner = owner;
        this.server = server;
    }

    // -- life

    @Override
    protected void create(boolean stream) throws IOException {
        synchronized (stateLock) {
            requireNotClosed();
            if (below() != null) {
                throw new IOException("Already created");
            }
            if (server) {
                listener = ListenerCore.open(VmcSockets.interruptPolicy());
                own(listener, listener.tcp());
            } else {
                InterruptPolicy interrupts = VmcSockets.interruptPolicy();
                data = stream ? ConnectionCore.open(interrupts) : DatagramCore.open(interrupts);
                own(data, data.channel());
            }
        }
    }

    private void own(BlockingCore core, NetworkChannel channel) {
        fd = VmcSockets.descriptorOf(channel);
        cleanable = CLEANER.register(this, core::closeQuietly);
    }

    private BlockingCore below() {
        return server ? listener : data;
    }

    private void requireNotClosed() throws SocketException {
        if (closed) {
            throw new SocketException("Socket closed");
        }
    }

    @Override
    protected void close() throws IOException {
        BlockingCore core;
        synchronized (stateLock) {
            closed = true;
            core = below();
        }
        if (core != null) {
            try {
                core.close();
            } finally {
                cleanable.clean();
            }
        }
    }

    /** What data goes through, created. */
    final DataCore data() throws SocketException {
        DataCore core = data;
        if (core == null) {
            throw notCreated();
        }
        return core;
    }

    private ListenerCore listener() throws SocketException {
        ListenerCore core = listener;
        if (core == null) {
            throw notCreated();
        }
        return core;
    }

    private SocketException notCreated() {
        return new SocketException(closed ? "Socket closed" : server ? "Not a connection" : "Socket not created");
    }

    private NetworkChannel openChannel() throws SocketException {
        BlockingCore core = server ? listener() : data();
        core.requireOpen();
        return server ? listener().tcp() : data().channel();
    }

    // -- connecting

    @Override
    protected void connect(String host, int port) throws IOException {
        connect(new InetSocketAddress(host, port), 0);
    }

    @Override
    protected void connect(InetAddress address, int port) throws IOException {
        connect(new InetSocketAddress(address, port), 0);
    }

    @Override
    protected void connect(SocketAddress remote, int timeoutMs) throws IOException {
        if (!(remote instanceof InetSocketAddress)) {
            throw new IllegalArgumentException("Unsupported address type");
        }
        InetSocketAddress target = (InetSocketAddress) remote;
        try {
            if (target.isUnresolved()) {
                throw new UnknownHostException(target.getHostName());
            }
            if (target.getAddress().isAnyLocalAddress()) {
                target = new InetSocketAddress(InetAddress.getLocalHost(), target.getPort());
            }
            DataCore core = data();
            core.requireOpen();
            address = target.getAddress();
            port = target.getPort();
            core.connect(target, timeoutMs, () -> owner.get().engine());
            localport = core.localPort();
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    @Override
    protected void bind(InetAddress host, int wantedPort) throws IOException {
        InetSocketAddress local = new InetSocketAddress(host, wantedPort);
        openChannel();
        if (localport != 0) {
            throw new SocketException("Already bound");
        }
        if (server) {
            wantedLocal = local;
        } else {
            localport = data().bind(local);
        }
        address = host;
    }

    @Override
    protected void listen(int backlog) throws IOException {
        ListenerCore core = listener();
        core.requireOpen();
        if (wantedLocal == null) {
            throw new SocketException("Not bound");
        }
        localport =
                core.listen(wantedLocal, backlog < 1 ? 50 : backlog, owner.get().engine());
    }

    @Override
    protected void accept(SocketImpl target) throws IOException {
        if (!(target instanceof VmcSocketImpl)) {
            throw new IOException("An instance of " + getClass() + " cannot accept a connection with an instance of "
                    + target.getClass());
        }
        VmcSocketImpl mine = (VmcSocketImpl) target;
        if (mine.server || mine.data != null) {
            throw new SocketException("Not a newly created SocketImpl");
        }
        mine.accepted(listener().accept(timeoutMs), owner.get());
    }

    private void accepted(SocketChannel tcp, VmcSelectorProvider vm) throws IOException {
        InetSocketAddress remote = (InetSocketAddress) tcp.getRemoteAddress();
        InetSocketAddress local = (InetSocketAddress) tcp.getLocalAddress();
        ConnectionCore core = ConnectionCore.accepted(tcp, vm.engine(), VmcSockets.interruptPolicy());
        synchronized (stateLock) {
            data = core;
            own(core, tcp);
        }
        address = remote.getAddress();
        port = remote.getPort();
        localport = local.getPort();
        if (closed) {
            close(); // by another thread, which did not see the connection
            throw new SocketException("Socket closed");
        }
    }

    // -- data

    @Override
    protected InputStream getInputStream() {
        return new ImplStreams.In(this);
    }

    @Override
    protected OutputStream getOutputStream() {
        return new ImplStreams.Out(this);
    }

    @Override
    protected int available() throws IOException {
        return data().available();
    }

    @Override
    protected void shutdownInput() throws IOException {
        data().shutdownInput();
    }

    @Override
    protected void shutdownOutput() throws IOException {
        data().shutdownOutput();
    }

    @Override
    protected boolean supportsUrgentData() {
        return true;
    }

    @Override
    protected void sendUrgentData(int data) throws IOException {
        data().sendUrgent(data);
    }

    final int timeoutMs() {
        return timeoutMs;
    }

    /** What is known of the connection, or null before there is one. */
    final ConnectionInfo info() {
        DataCore core = data;
        return core == null ? null : core.info();
    }

    // -- options

    @Override
    protected Set<SocketOption<?>> supportedOptions() {
        if (below() == null) {
            return Set.of();
        }
        Set<SocketOption<?>> options = ImplOptions.supported(server ? listener.tcp() : data.channel());
        if (server) {
            options.add(StandardSocketOptions.IP_TOS);
        }
        return Set.copyOf(options);
    }

    @Override
    protected <T> void setOption(SocketOption<T> name, T value) throws IOException {
        NetworkChannel channel = openChannel();
        if (server && name == StandardSocketOptions.IP_TOS) {
            listener().trafficClass(ImplOptions.valid(StandardSocketOptions.IP_TOS, value));
        } else {
            ImplOptions.set(channel, name, value);
        }
    }

    @Override
    protected <T> T getOption(SocketOption<T> name) throws IOException {
        NetworkChannel channel = openChannel();
        return server && name == StandardSocketOptions.IP_TOS
                ? name.type().cast(listener().trafficClass())
                : ImplOptions.get(channel, name);
    }

    @Override
    public void setOption(int id, Object value) throws SocketException {
        if (id == SocketOptions.SO_TIMEOUT) {
            setTimeout(value);
        } else {
            ImplOptions.set(openChannel(), id, value);
        }
    }

    private void setTimeout(Object value) throws SocketException {
        requireNotClosed();
        if (!(value instanceof Integer)) {
            throw new SocketException("Bad value for SO_TIMEOUT: " + value);
        }
        if ((Integer) value < 0) {
            throw new IllegalArgumentException("timeout < 0");
        }
        timeoutMs = (Integer) value;
    }

    @Override
    public Object getOption(int id) throws SocketException {
        if (id == SocketOptions.SO_TIMEOUT) {
            requireNotClosed();
            return timeoutMs;
        }
        return ImplOptions.get(openChannel(), id);
    }
}
