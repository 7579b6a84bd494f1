package org.xenvmc.transport.net;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.nio.channels.spi.AbstractInterruptibleChannel;
import org.xenvmc.transport.ConnectionLostException;
import org.xenvmc.transport.spi.BlockingSection;
import org.xenvmc.transport.spi.VirtualThreads;

/**
 * What a connection and a listener have in common: they are closed once, by anybody, and a thread blocked in them ends with the
 * exceptions of the JDK's own sockets.
 */
abstract class BlockingCore implements BlockingSection {
    private static final String CLOSED = "Socket closed";
    private static final String INTERRUPTED = "Closed by interrupt";

    private final InterruptPolicy interrupts;
    private final Gate gate = new Gate();
    private volatile boolean closedByInterrupt;

    BlockingCore(InterruptPolicy interrupts) {
        this.interrupts = interrupts;
    }

    /** Closes the channel below, once. */
    abstract void closeBelow() throws IOException;

    final void govern(AbstractInterruptibleChannel channel) {
        interrupts.apply(channel, this::closeByInterrupt);
    }

    private void closeByInterrupt() {
        closedByInterrupt = true;
        closeQuietly();
    }

    final InterruptPolicy interrupts() {
        return interrupts;
    }

    final boolean isOpen() {
        return gate.isOpen();
    }

    final void requireOpen() throws SocketException {
        if (!gate.isOpen()) {
            throw new SocketException(CLOSED);
        }
    }

    /** Idempotent; wakes whoever is blocked. */
    final void close() throws IOException {
        gate.close();
    }

    final void closeQuietly() {
        try {
            gate.close();
        } catch (IOException e) {
            return; // nobody is there who could do more
        }
    }

    /** A channel that is never read: it lends its hook for interrupts, and closes once. */
    private final class Gate extends AbstractInterruptibleChannel {
        @Override
        protected void implCloseChannel() throws IOException {
            closeBelow();
        }

        void enter() {
            begin();
        }

        void leave(boolean completed) throws AsynchronousCloseException {
            end(completed);
        }
    }

    @Override
    public final void beginBlocking() {
        if (interrupts.closes(Thread.currentThread())) {
            gate.enter();
        }
    }

    @Override
    public final void endBlocking(boolean completed) throws AsynchronousCloseException {
        if (interrupts.closes(Thread.currentThread())) {
            gate.leave(completed);
        } else if (!completed && !gate.isOpen()) {
            throw new AsynchronousCloseException();
        }
    }

    /** Puts an interrupt aside that must not end the operation which begins; to be given to {@link #unshield}. */
    final boolean shield() {
        return !interrupts.closes(Thread.currentThread()) && Thread.interrupted();
    }

    static void unshield(boolean interrupted) {
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** What the JDK's sockets throw where its channels threw this. */
    final IOException translated(IOException e) {
        if (e instanceof SocketTimeoutException || e instanceof ConnectionLostException) {
            return e;
        }
        if (e instanceof ClosedByInterruptException) {
            closedByInterrupt = true;
            closeQuietly(); // the channel below has closed itself
        }
        if (!isOpen()) {
            return ended();
        }
        if (e instanceof ClosedChannelException) {
            closeQuietly();
            return ended();
        }
        if (e.getCause() instanceof UnsupportedAddressTypeException) {
            return familyUnavailable((UnsupportedAddressTypeException) e.getCause());
        }
        return e instanceof SocketException ? e : caused(new SocketException(e.getMessage()), e);
    }

    /**
     * The JDK's own implementation leaves it to {@code java.net.Socket} to close itself when a virtual thread was interrupted, and
     * says so with this type.
     */
    private IOException ended() {
        Thread thread = Thread.currentThread();
        if (!closedByInterrupt || !thread.isInterrupted()) {
            return new SocketException(CLOSED);
        }
        return VirtualThreads.isVirtual(thread)
                ? new InterruptedIOException(INTERRUPTED)
                : new SocketException(INTERRUPTED);
    }

    /** What the JDK's sockets throw for an IPv6 address in a JVM that has only IPv4; its channels throw {@code e}. */
    static SocketException familyUnavailable(UnsupportedAddressTypeException e) {
        boolean old = Runtime.version().feature() <= 21;
        return caused(new SocketException(old ? "Protocol family unavailable" : "IPv6 protocol family unavailable"), e);
    }

    private static SocketException caused(SocketException e, Exception cause) {
        e.initCause(cause);
        return e;
    }
}
