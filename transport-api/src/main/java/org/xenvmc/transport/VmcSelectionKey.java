package org.xenvmc.transport;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelectionKey;
import org.xenvmc.transport.spi.ByteStream;
import org.xenvmc.transport.spi.ReadinessListener;

/**
 * A key of a {@link VmcSelector}: in front of the JDK's key of the same channel, with what shared memory adds.
 *
 * <p>Any thread may call the public methods. Fields that say so belong to the thread that holds the selector's monitor.
 */
final class VmcSelectionKey extends AbstractSelectionKey implements ReadinessListener {
    static final int READ_WRITE = SelectionKey.OP_READ | SelectionKey.OP_WRITE;

    private static final VarHandle INTEREST;
    private static final VarHandle SIGNALLED;
    private static final StackWalker CALLER = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            INTEREST = lookup.findVarHandle(VmcSelectionKey.class, "interest", int.class);
            SIGNALLED = lookup.findVarHandle(VmcSelectionKey.class, "signalled", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final VmcSelector selector;
    private final AbstractSelectableChannel channel;

    private volatile int interest;
    private volatile int ready; // written by the selecting thread
    private volatile SelectionKey below; // the JDK's key; null only during registration
    private volatile SelectionKey last; // see LastKeys; null for channels of ours

    @SuppressWarnings("unused") // through SIGNALLED
    private volatile boolean signalled;

    /** Link of {@link SignalStack}, which owns it while the key is signalled. */
    VmcSelectionKey nextSignalled;

    // -- owned by the holder of the selector's monitor

    /** Where we listen; null for channels of the JDK and while not connected. */
    private ByteStream stream;
    /** What the JDK's key was last told. */
    private int interestBelow;
    /** Whether the key is in the selector's list of keys that may be ready by shared memory. */
    boolean hot;
    /** Whether nobody will tell that it is ready: then it is hot, and has to be looked at or armed. */
    boolean unarmed;
    /** What the selection in progress has found. */
    int found;

    VmcSelectionKey(VmcSelector selector, AbstractSelectableChannel channel, int ops) {
        this.selector = selector;
        this.channel = channel;
        this.interest = ops;
    }

    /** The second half of the construction: the JDK's key has this one attached, so it comes later. */
    void below(SelectionKey key, int registeredOps) {
        interestBelow = registeredOps;
        below = key;
    }

    /** Likewise, for a channel of the JDK's. */
    void last(SelectionKey key) {
        last = key;
    }

    // -- SelectionKey

    @Override
    public SelectableChannel channel() {
        return channel;
    }

    /**
     * The selector. As {@code cancel()} is final, this is also where cancelling is noticed: the superclass asks for the
     * selector right after it has made the key invalid. The JDK's key has to go at the same time, or {@code
     * configureBlocking(true)} would not be possible until the next selection.
     */
    @Override
    public Selector selector() {
        SelectionKey key = below;
        // Channels ask for the selector too, while they hold their lock of keys, which cancelling the JDK's key could
        // dead-lock with (a selection takes the locks in the other order): then the canceller does it, or the
        // selection.
        if (key != null && !isValid() && key.isValid() && CALLER.getCallerClass() == AbstractSelectionKey.class) {
            cancelBelow();
        }
        return selector;
    }

    @Override
    public int interestOps() {
        requireValid();
        return interest;
    }

    @Override
    public SelectionKey interestOps(int ops) {
        requireValid();
        requireValidOps(ops);
        changed((int) INTEREST.getAndSet(this, ops), ops);
        return this;
    }

    @Override
    public int interestOpsOr(int ops) {
        requireValid();
        requireValidOps(ops);
        int before = (int) INTEREST.getAndBitwiseOr(this, ops);
        changed(before, before | ops);
        return before;
    }

    @Override
    public int interestOpsAnd(int ops) {
        requireValid();
        int before = (int) INTEREST.getAndBitwiseAnd(this, ops);
        changed(before, before & ops);
        return before;
    }

    private void changed(int before, int after) {
        if (before != after) {
            selector.signalled(this);
        }
    }

    @Override
    public int readyOps() {
        requireValid();
        return ready;
    }

    private void requireValid() {
        if (!isValid()) {
            throw new CancelledKeyException();
        }
    }

    private void requireValidOps(int ops) {
        if ((ops & ~channel.validOps()) != 0) {
            throw new IllegalArgumentException(
                    "operations " + ops + " are not all among those of this channel, " + channel.validOps());
        }
    }

    // -- shared memory

    @Override
    public void readinessMayHaveChanged() {
        selector.signalled(this);
    }

    /** Marks the key as signalled. Returns false when it was already. */
    boolean trySignal() {
        return SIGNALLED.compareAndSet(this, false, true);
    }

    /** Before the key is evaluated: a signal from now on counts again. Pairs with {@link #trySignal}. */
    void clearSignal() {
        SIGNALLED.setVolatile(this, false);
    }

    /**
     * Brings the key up to date: listens to a new stream, asks to be told what is not ready, tells the JDK's key what
     * to watch. Owner only.
     *
     * @param arm false: do not ask to be told yet; see {@link #unarmed}
     * @return what is ready by shared memory
     */
    int evaluate(boolean arm) {
        unarmed = false;
        ByteStream s = listen();
        int ops = interest;
        if (s == null) {
            watchBelow(ops);
            return 0;
        }
        int wanted = ops & READ_WRITE;
        int onTcp = s.tcpInterestOps(wanted);
        int now = 0;
        if (wanted != 0) {
            now = s.readyOps(wanted);
            if (now == 0) {
                unarmed = !arm && onTcp != wanted;
                now = unarmed ? 0 : s.arm(wanted);
            }
            onTcp = s.tcpInterestOps(wanted); // the path may have changed on the way
        }
        // no OP_CONNECT: it cannot become ready any more, and the JDK would wake up for it all the time
        watchBelow(onTcp);
        return now;
    }

    /** Whether an unarmed key has become ready by shared memory. Owner only. */
    boolean readyUnarmed() {
        ByteStream s = stream;
        return unarmed && s != null && s.readyOps(interest & READ_WRITE) != 0;
    }

    /** The stream of the channel, if there is one by now; its signals come to this key. Owner only. */
    private ByteStream listen() {
        if (stream == null && channel instanceof VmcSocketChannel) {
            ByteStream s = ((VmcSocketChannel) channel).stream();
            if (s != null) {
                s.addListener(this);
                stream = s;
            }
        }
        return stream;
    }

    /** Whether TCP may have something for the key, too. Owner only. */
    boolean watchesTcp() {
        return interestBelow != 0;
    }

    private void watchBelow(int ops) {
        SelectionKey key = below;
        if (ops != interestBelow && key != null) {
            try {
                key.interestOps(ops);
                interestBelow = ops;
            } catch (CancelledKeyException e) {
                // the channel was closed; this key is cancelled, too, or about to be
            }
        }
    }

    /**
     * Translates what the JDK's selector has found. Owner only.
     *
     * @return what is ready for the application; 0 also when the key was cancelled meanwhile
     */
    int readyBelow(SelectionKey key) {
        int ops;
        try {
            ops = key.readyOps();
        } catch (CancelledKeyException e) {
            return 0;
        }
        ByteStream s = stream;
        if (s != null || (s = listen()) != null) {
            return s.tcpReadyOps(ops);
        }
        return channel instanceof VmcSocketChannel && ((VmcSocketChannel) channel).isEstablishing()
                ? ops & ~READ_WRITE // the JDK's channel is connected, ours is just about to be
                : ops;
    }

    /** Cancels the JDK's keys. Not to be called while holding locks of the channel. */
    void cancelBelow() {
        SelectionKey key = last;
        if (key != null) {
            key.cancel();
        }
        key = below;
        if (key != null) {
            key.cancel();
        }
    }

    /** The key leaves its selector. Owner only. */
    void deregistered() {
        if (stream != null) {
            stream.removeListener(this);
            stream = null;
        }
        KeyList list = Layers.keyList(channel);
        if (list != null) {
            list.remove(this);
        }
    }

    // -- for the selector, valid or not

    int interest() {
        return interest;
    }

    int ready() {
        return ready;
    }

    void ready(int ops) {
        ready = ops;
    }

    @Override
    public String toString() {
        String state = isValid() ? "interestOps=" + interest + ", readyOps=" + ready : "invalid";
        return "channel=" + channel + ", selector=" + selector + ", " + state;
    }
}
