package org.xenvmc.tcp;

import static org.xenvmc.tcp.StreamState.wantsRead;
import static org.xenvmc.tcp.StreamState.wantsWrite;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.xenvmc.tcp.netty.WatchLoop;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.DataHandler;
import org.xenvmc.transport.Path;
import org.xenvmc.transport.ReasonCode;
import org.xenvmc.transport.VmcContext;
import org.xenvmc.transport.spi.BlockingSection;
import org.xenvmc.transport.spi.ByteStream;
import org.xenvmc.transport.spi.ConnectionManager;
import org.xenvmc.transport.spi.ReadinessListener;
import org.xenvmc.transport.spi.RingReceiver;
import org.xenvmc.transport.spi.RingSender;
import org.xenvmc.transport.spi.StreamControl;

/**
 * A connection whose two directions change between TCP and rings, each by itself, at offsets that both ends agree on
 * (docs/protocol.md).
 */
final class SwitchingStream implements ByteStream, StreamControl {
    private final boolean initiator;
    private final InetSocketAddress local;
    private final InetSocketAddress remote;
    private final StreamState state;
    private final TcpLink link;
    private final Incoming incoming;
    private final Outgoing outgoing;
    private final LingeringCloses closes;
    private Runnable onClose;

    SwitchingStream(
            VmcContext context,
            WatchLoop loop,
            FrameBuffers buffers,
            LingeringCloses closes,
            SocketChannel tcp,
            boolean initiator,
            BlockingSection section)
            throws IOException {
        this.initiator = initiator;
        this.closes = closes;
        this.local = (InetSocketAddress) tcp.getLocalAddress();
        this.remote = (InetSocketAddress) tcp.getRemoteAddress();
        this.state = new StreamState(context, section);
        this.link = new TcpLink(tcp, loop, new Control());
        this.outgoing = new Outgoing(state, link);
        this.incoming = new Incoming(state, link, outgoing, buffers);
        outgoing.connect(incoming);
        state.onFailure(this::afterFailure);
    }

    /** Sets who hears of what happens to the stream; before it is registered. */
    void observer(StreamState.Observer observer) {
        state.observer(observer);
    }

    /** Makes the stream known. */
    void register(ConnectionManager manager, Runnable whenClosed) {
        onClose = whenClosed;
        state.handle(manager.register(this));
        state.considerIfWarm();
    }

    /** See {@link Outgoing#keepAlive}. */
    void keepAlive() {
        try {
            outgoing.keepAlive();
        } catch (IOException e) {
            state.peerClosed(e); // TCP is broken
            afterControlChange();
        }
    }

    private void afterControlChange() {
        incoming.kick();
        outgoing.kick();
        state.tellListeners();
    }

    private final class Control implements TcpLink.ControlPath {
        @Override
        public boolean controlReadable() {
            return incoming.controlReadable();
        }

        @Override
        public void outputDrained() {
            state.tellListeners();
        }

        @Override
        public void outputFailed(IOException error) {
            state.peerClosed(error);
            afterControlChange();
        }
    }

    // ---- ByteStream

    @Override
    public int read(ByteBuffer dst, long timeoutNs) throws IOException {
        return incoming.read(dst, timeoutNs);
    }

    @Override
    public long read(ByteBuffer[] dsts, int offset, int length, long timeoutNs) throws IOException {
        return incoming.read(dsts, offset, length, timeoutNs);
    }

    @Override
    public int receive(int maxBytes, DataHandler handler, long timeoutNs) throws IOException {
        return incoming.receive(maxBytes, handler, timeoutNs);
    }

    @Override
    public int write(ByteBuffer src, boolean blocking) throws IOException {
        return outgoing.write(src, blocking);
    }

    @Override
    public long write(ByteBuffer[] srcs, int offset, int length, boolean blocking) throws IOException {
        return outgoing.write(srcs, offset, length, blocking);
    }

    @Override
    public int available() throws IOException {
        return incoming.available();
    }

    @Override
    public void sendUrgent(int data) throws IOException {
        outgoing.sendUrgent((byte) data);
    }

    @Override
    public void shutdownInput() throws IOException {
        incoming.shutdown();
        state.tellListeners();
    }

    @Override
    public void shutdownOutput() throws IOException {
        outgoing.shutdown();
        state.tellListeners();
    }

    @Override
    public void configureBlocking(boolean block) throws IOException {
        link.configureBlocking(block);
    }

    @Override
    public void close() throws IOException {
        if (state.closed()) {
            return;
        }
        boolean reset = incoming.unread() || lingerZero();
        state.aborting(reset || state.failed());
        state.close();
        incoming.kick();
        outgoing.kick();
        outgoing.finishIfUnused();
        incoming.closeIfUnused();
        state.handle().closed();
        onClose.run();
        link.close(state.aborting(), lingering(), closes);
    }

    /** What takes the connection over after close, if it need not, or cannot, be closed at once. */
    private LingeringClose lingering() {
        boolean framesMayCome = incoming.framesMayCome() && !state.peerClosed();
        return (framesMayCome || link.hasPending()) && !incoming.readerInsideTcp()
                ? new LingeringClose(closes, link, incoming, outgoing)
                : null;
    }

    private boolean lingerZero() throws IOException {
        if (incoming.plain() && outgoing.path == Path.TCP) {
            return false; // there is nobody but the kernel to be told, and it knows
        }
        try {
            return link.channel().getOption(StandardSocketOptions.SO_LINGER) == 0;
        } catch (ClosedChannelException e) {
            return false; // a failure has closed TCP
        }
    }

    @Override
    public int readyOps(int interestOps) {
        return (wantsRead(interestOps) && incoming.ready() ? SelectionKey.OP_READ : 0)
                | (wantsWrite(interestOps) && outgoing.ready() ? SelectionKey.OP_WRITE : 0);
    }

    @Override
    public int arm(int interestOps) {
        return (wantsRead(interestOps) && incoming.arm() ? SelectionKey.OP_READ : 0)
                | (wantsWrite(interestOps) && outgoing.arm() ? SelectionKey.OP_WRITE : 0);
    }

    @Override
    public int tcpInterestOps(int interestOps) {
        return interestOps & (incoming.tcpInterest() | outgoing.tcpInterest());
    }

    @Override
    public int tcpReadyOps(int tcpReadyOps) {
        int ready = tcpReadyOps & tcpInterestOps(tcpReadyOps) & SelectionKey.OP_WRITE;
        return ready | (wantsRead(tcpReadyOps) && incoming.readyOnTcp() ? SelectionKey.OP_READ : 0);
    }

    @Override
    public void addListener(ReadinessListener listener) {
        state.addListener(listener);
    }

    @Override
    public void removeListener(ReadinessListener listener) {
        state.removeListener(listener);
    }

    // ---- StreamControl

    @Override
    public InetSocketAddress localAddress() {
        return local;
    }

    @Override
    public InetSocketAddress remoteAddress() {
        return remote;
    }

    @Override
    public boolean initiator() {
        return initiator;
    }

    @Override
    public ReasonCode upgradeObstacle() {
        if (state.ended()) {
            return ReasonCode.CLOSED;
        }
        if (incoming.finished() || outgoing.finished()) {
            return ReasonCode.HALF_CLOSED;
        }
        return incoming.upgradable() && outgoing.upgradable() ? ReasonCode.NONE : ReasonCode.NEGOTIATING;
    }

    @Override
    public boolean attachReceiver(RingReceiver ring) {
        return incoming.attach(ring);
    }

    @Override
    public boolean offerSender(RingSender ring) {
        return outgoing.offer(ring);
    }

    @Override
    public boolean leaveSender(ReasonCode why, long limitNs) {
        return outgoing.leave(why, limitNs);
    }

    @Override
    public boolean leaveReceiver(ReasonCode why, long limitNs) {
        return incoming.leave(limitNs);
    }

    @Override
    public boolean senderDrained() {
        return outgoing.left();
    }

    @Override
    public boolean usesSharedMemory() {
        return outgoing.usesSharedMemory() || incoming.sharedMemoryInUse();
    }

    @Override
    public long drainedBytes() {
        return incoming.drainedBytes();
    }

    @Override
    public void fail(ReasonCode why, String detail) {
        incoming.fail(why, detail);
    }

    @Override
    public void prepareForLoss() {
        outgoing.prepareForLoss();
        incoming.prepareForLoss();
    }

    @Override
    public void memoryLost(ReasonCode why) {
        outgoing.memoryLost();
        incoming.memoryLost();
    }

    @Override
    public void wakePeer() {
        outgoing.wakePeer();
    }

    private void afterFailure() {
        incoming.kick();
        outgoing.kick();
        outgoing.finishIfUnused();
        incoming.closeIfUnused();
        link.abort();
        state.tellListeners();
    }

    @Override
    public void signalled() {
        afterControlChange();
    }

    @Override
    public boolean peerGone() {
        boolean unfinished = incoming.senderGone() | outgoing.receiverGone();
        return unfinished && !state.attention();
    }

    @Override
    public void reason(ReasonCode why) {
        state.reason(why);
    }

    @Override
    public ConnectionInfo info() {
        ConnectionManager.Handle handle = state.handle();
        return new ConnectionInfo(
                handle == null ? -1 : handle.id(),
                local,
                remote,
                initiator,
                handle == null ? null : handle.peer(),
                outgoing.info(),
                incoming.info());
    }
}
