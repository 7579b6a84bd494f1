package org.xenvmc.tcp;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.util.Arrays;
import java.util.function.Supplier;
import org.xenvmc.transport.ConnectionLostException;
import org.xenvmc.transport.ReasonCode;
import org.xenvmc.transport.VmcContext;
import org.xenvmc.transport.spi.BlockingSection;
import org.xenvmc.transport.spi.ConnectionManager;
import org.xenvmc.transport.spi.ReadinessListener;

/** What the two directions of a stream share. */
final class StreamState {
    private static final ReadinessListener[] NO_LISTENERS = {};

    /** Hears of what is rare: nothing of it happens for each read or write. */
    interface Observer {
        /** For streams that nobody observes. */
        Observer NOBODY = new Observer() {
            @Override
            public void pathChanged(boolean sending, boolean toSharedMemory, long offset) {}

            @Override
            public void refused(ReasonCode why) {}

            @Override
            public void failed(ConnectionLostException error) {}
        };

        /** A direction changed its path at this offset. Called with the direction's lock held. */
        void pathChanged(boolean sending, boolean toSharedMemory, long offset);

        /** The stream is kept off shared memory. */
        void refused(ReasonCode why);

        /** The stream ended with an error. */
        void failed(ConnectionLostException error);
    }

    final BlockingSection section;
    private final int warmOperations;
    private final long warmBytes;
    private volatile ConnectionManager.Handle handle;
    private volatile ReadinessListener[] listeners = NO_LISTENERS;
    private volatile boolean closed;
    private volatile boolean peerClosed;
    private volatile Supplier<ConnectionLostException> failure;
    private volatile IOException controlError;
    private volatile ReasonCode reason = ReasonCode.WARMING_UP;
    private volatile boolean aborting;
    private volatile boolean writeFailed;
    private volatile boolean attention;
    private volatile boolean considered;
    private Runnable onFailure = () -> {};
    private Observer observer = Observer.NOBODY;
    private volatile int operations;
    private volatile long bytes;

    StreamState(VmcContext context, BlockingSection section) {
        this.section = section;
        this.warmOperations = context.upgradeAfterOperations();
        this.warmBytes = context.upgradeAfterBytes();
    }

    void handle(ConnectionManager.Handle value) {
        handle = value;
    }

    ConnectionManager.Handle handle() {
        return handle;
    }

    boolean closed() {
        return closed;
    }

    void close() {
        closed = true;
        attention = true;
    }

    /** Whether closed, failed, or peerClosed: one look for the fast path. */
    boolean attention() {
        return attention;
    }

    /** Whether TCP has ended while it was only the control path: the peer closed, or died. */
    boolean peerClosed() {
        return peerClosed;
    }

    void peerClosed(IOException error) {
        controlError = error;
        peerClosed = true;
        attention = true;
    }

    IOException controlError() {
        return controlError;
    }

    /** Ends the stream with an error that every later call throws; the first one stays. */
    void fail(Supplier<ConnectionLostException> error) {
        synchronized (this) {
            if (failure != null) {
                return;
            }
            failure = error;
            attention = true;
            aborting = true;
        }
        observer.failed(error.get());
        onFailure.run();
    }

    void onFailure(Runnable action) {
        onFailure = action;
    }

    /** A write has told the application of the peer's reset: reading just ends then, as with TCP's pending error. */
    void writeFailed() {
        writeFailed = true;
    }

    boolean resetWasTold() {
        return writeFailed;
    }

    /** Whether the end is an abort (RST) and not an orderly one. */
    boolean aborting() {
        return aborting;
    }

    void aborting(boolean value) {
        aborting = value;
    }

    boolean failed() {
        return failure != null;
    }

    void throwFailure() throws IOException {
        Supplier<ConnectionLostException> f = failure;
        if (f != null) {
            throw f.get();
        }
    }

    /** Closed or failed: rings are given back. */
    boolean ended() {
        return closed || failure != null;
    }

    ReasonCode reason() {
        return closed ? ReasonCode.CLOSED : reason;
    }

    void reason(ReasonCode value) {
        boolean refused = value.isRefusal() && value != reason;
        reason = value;
        if (refused) {
            observer.refused(value);
        }
    }

    /** Sets who hears of what happens; before anything does. */
    void observer(Observer value) {
        observer = value;
    }

    Observer observer() {
        return observer;
    }

    /**
     * Counts an operation that went over TCP until an upgrade pays. Counting loses some when both directions count at once;
     * it need not be exact.
     */
    @SuppressWarnings("NonAtomicOperationOnVolatileField")
    void countTcp(long n) {
        if (considered) {
            return;
        }
        operations = operations + 1;
        bytes = bytes + n;
        if (operations >= warmOperations || bytes >= warmBytes) {
            considered = true;
            ConnectionManager.Handle h = handle;
            if (h != null) {
                h.consider();
            }
        }
    }

    boolean considered() {
        return considered;
    }

    /** Considers at once where nothing needs to be waited for. */
    void considerIfWarm() {
        if (warmOperations == 0 || warmBytes == 0) {
            considered = true;
            handle.consider();
        }
    }

    synchronized void addListener(ReadinessListener listener) {
        ReadinessListener[] more = Arrays.copyOf(listeners, listeners.length + 1);
        more[listeners.length] = listener;
        listeners = more;
    }

    synchronized void removeListener(ReadinessListener listener) {
        listeners = Arrays.stream(listeners).filter(l -> l != listener).toArray(ReadinessListener[]::new);
    }

    void tellListeners() {
        for (ReadinessListener l : listeners) {
            l.readinessMayHaveChanged();
        }
    }

    static boolean wantsRead(int ops) {
        return (ops & SelectionKey.OP_READ) != 0;
    }

    static boolean wantsWrite(int ops) {
        return (ops & SelectionKey.OP_WRITE) != 0;
    }
}
