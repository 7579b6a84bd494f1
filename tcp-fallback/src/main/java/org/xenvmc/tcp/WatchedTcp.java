package org.xenvmc.tcp;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.xenvmc.tcp.netty.Watch;
import org.xenvmc.tcp.netty.WatchLoop;

/**
 * The TCP channel of a stream between the application and the watch loop: its blocking mode, who watches it, and its
 * end.
 */
abstract class WatchedTcp {
    /** Reacts to what the loop sees on TCP while it is only the control path. */
    interface ControlPath {
        /** TCP is readable; returns whether to go on watching for it. Called by the loop's thread. */
        boolean controlReadable();

        /** Bytes that were kept back are sent, or will never be. */
        void outputDrained();

        /** TCP is broken: it does not take what was kept back. */
        void outputFailed(IOException error);
    }

    final SocketChannel channel;
    private final WatchLoop loop;
    private final ControlPath control;
    final ReentrantLock lock = new ReentrantLock();
    final Condition changed = lock.newCondition();
    private Watch watch;
    private boolean appBlocking;
    private volatile boolean watching;
    boolean writeWanted;
    volatile ByteBuffer pending;
    private volatile LingeringClose lingering;

    WatchedTcp(SocketChannel channel, WatchLoop loop, ControlPath control) {
        this.channel = channel;
        this.loop = loop;
        this.control = control;
        this.appBlocking = channel.isBlocking();
    }

    SocketChannel channel() {
        return channel;
    }

    /** The application's mode; takes effect on TCP when the loop does not watch it. */
    void configureBlocking(boolean block) throws IOException {
        lock.lock();
        try {
            appBlocking = block;
            applyMode();
        } finally {
            lock.unlock();
        }
    }

    void applyMode() throws IOException {
        changed.signalAll();
        if (lingering != null) {
            return; // the application's mode does not matter any more
        }
        boolean block = appBlocking && !watching && pending == null;
        if (channel.isOpen() && channel.isBlocking() != block) {
            if (block && watch != null && !watch.cancel(this::modeMayChange)) {
                return; // a channel that is registered cannot be blocking: the loop goes on here when it has let go
            }
            setMode(block);
        }
    }

    private void setMode(boolean block) throws IOException {
        try {
            channel.configureBlocking(block);
        } catch (IllegalBlockingModeException e) {
            return; // the loop is ending, and has not let go yet: the channel stays non-blocking
        }
    }

    /** Called by the loop's thread, which must not wait for whoever changes the mode at this moment. */
    private void modeMayChange() {
        if (!lock.tryLock()) {
            watch.after(1, this::modeMayChange);
            return;
        }
        try {
            applyMode();
        } catch (IOException e) {
            return; // closed meanwhile
        } finally {
            lock.unlock();
        }
    }

    /**
     * The incoming direction is on a ring: the loop takes over the TCP input. The caller holds the read lock and makes
     * sure that no writer is inside TCP.
     */
    void watch() throws IOException {
        lock.lock();
        try {
            if (!watching && channel.isOpen() && lingering == null) {
                watching = true;
                applyMode();
                applyInterest();
            }
        } finally {
            lock.unlock();
        }
    }

    boolean watching() {
        return watching;
    }

    /** The incoming direction is on TCP again: when this returns the loop does not touch the TCP input. */
    void unwatch() throws IOException {
        lock.lock();
        try {
            if (watching && lingering == null) {
                watching = false;
                watch.cancel(this::modeMayChange);
                applyMode();
                if (interest() != 0) {
                    applyInterest();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    void applyInterest() throws IOException {
        if (lingering != null) {
            return; // it knows itself
        }
        int ops = interest();
        if (watch != null || ops != 0) {
            theWatch().interest(ops);
        }
    }

    private Watch theWatch() throws IOException {
        if (watch == null) {
            watch = loop.watch(channel, this::ready);
        }
        return watch;
    }

    private int interest() {
        return (watching ? SelectionKey.OP_READ : 0) | (pending != null || writeWanted ? SelectionKey.OP_WRITE : 0);
    }

    /** Called by the loop's thread. */
    private int ready(int readyOps) {
        LingeringClose closing = lingering;
        if (closing != null) {
            return closing.ready();
        }
        boolean goOn = (readyOps & SelectionKey.OP_READ) == 0 || watching && control.controlReadable();
        boolean drained = (readyOps & SelectionKey.OP_WRITE) != 0 && onWritable();
        if (drained) {
            control.outputDrained();
        }
        if (!lock.tryLock()) {
            // a thread that changes the watch at this moment waits for us, or submits the new interest after us
            return (goOn && watching ? SelectionKey.OP_READ : 0) | writeInterest(readyOps);
        }
        try {
            return goOn ? interest() : interest() & ~SelectionKey.OP_READ;
        } finally {
            lock.unlock();
        }
    }

    private int writeInterest(int readyOps) {
        return (pending != null ? SelectionKey.OP_WRITE : 0) | readyOps & SelectionKey.OP_WRITE;
    }

    private boolean onWritable() {
        try {
            flush();
        } catch (IOException e) {
            pending = null;
            control.outputFailed(e);
        }
        if (pending != null || !lock.tryLock()) {
            return false;
        }
        try {
            writeWanted = false;
            applyMode();
            return true;
        } catch (IOException e) {
            return true; // closed meanwhile
        } finally {
            lock.unlock();
        }
    }

    /** Sends what was kept back; true when nothing is left. */
    abstract boolean flush() throws IOException;

    /**
     * Closes TCP: at once with a reset, at once as the kernel does it, or after what was kept back has been sent and,
     * for a connection of frames, after the peer's end.
     *
     * @param rest takes over the connection; it must do so when something is kept back, and is null when a reader may
     *     be inside TCP
     */
    void close(boolean reset, LingeringClose rest, LingeringCloses all) throws IOException {
        boolean linger;
        lock.lock();
        try {
            changed.signalAll();
            if (reset && channel.isOpen()) {
                resetWhenClosed();
            }
            linger = !reset && channel.isOpen() && rest != null && lingers(rest, all);
            if (watch != null && !linger) {
                watch.interest(0); // wakes the loop, whose selector else would hold the descriptor
            }
        } finally {
            lock.unlock();
        }
        if (linger) {
            leaveTo(rest);
        } else {
            channel.close();
        }
    }

    private void resetWhenClosed() throws IOException {
        try {
            channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        } catch (ClosedChannelException e) {
            return; // by abort, at this moment, with a reset
        }
    }

    /**
     * After a failure: nothing orderly may leave, nobody may stay blocked in TCP, and the peer hears of it, also while
     * the loop watches TCP in the place of the application. A channel that a selector of the application may watch
     * stays open until the application closes it.
     */
    void abort() {
        Watch w = watch;
        if (w == null) {
            lock.lock();
        } else if (!lock.tryLock()) {
            w.after(1, this::abort); // perhaps this is the loop's thread, for which the lock's holder waits
            return;
        }
        boolean close;
        try {
            close = appBlocking && lingering == null && channel.isOpen();
        } finally {
            lock.unlock();
        }
        try {
            if (close) {
                close(true, null, null);
            }
        } catch (IOException e) {
            return; // it is not connected any more: that is what was wanted
        }
    }

    private boolean lingers(LingeringClose rest, LingeringCloses all) throws IOException {
        boolean must = pending != null;
        if (!must && channel.getOption(StandardSocketOptions.SO_LINGER) > 0 || !all.add(rest, must)) {
            return false; // close itself waits
        }
        try {
            rest.watch(theWatch());
        } catch (IOException e) {
            all.remove(rest);
            return false; // the loop has ended
        }
        lingering = rest;
        return true;
    }

    private void leaveTo(LingeringClose rest) {
        try {
            rest.begin();
        } catch (IOException e) {
            rest.finish(); // the connection is broken
        }
    }
}
