package org.xenvmc.tcp;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The connections of a VM that the application has closed and that still wait for the peer's end. Thread-safe. */
final class LingeringCloses implements AutoCloseable {
    /** Each holds a descriptor; what is closed beyond that is closed at once, as the kernel does it. */
    static final int MOST = 1024;

    /** After that the kernel goes on alone: as long as it keeps half of a connection itself (tcp_fin_timeout). */
    static final long LIMIT_MS = 60_000;

    private final int most;
    private final long limitMs;
    private final Set<LingeringClose> open = ConcurrentHashMap.newKeySet();
    private boolean closed;

    LingeringCloses() {
        this(MOST, LIMIT_MS);
    }

    LingeringCloses(int most, long limitMs) {
        this.most = most;
        this.limitMs = limitMs;
    }

    long limitMs() {
        return limitMs;
    }

    /** Takes a connection, unless there are too many; one that must linger is refused only after {@link #close}. */
    synchronized boolean add(LingeringClose c, boolean must) {
        return !closed && (must || open.size() < most) && open.add(c);
    }

    void remove(LingeringClose c) {
        open.remove(c);
    }

    int size() {
        return open.size();
    }

    /** The VM ends, and its loop has ended: the kernel does the rest, unless something is kept that it does not have. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        open.forEach(LingeringClose::giveUp);
    }
}
