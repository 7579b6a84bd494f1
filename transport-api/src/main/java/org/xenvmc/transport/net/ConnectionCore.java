package org.xenvmc.transport.net;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.JdkSelectorProvider;
import org.xenvmc.transport.spi.ByteStream;
import org.xenvmc.transport.spi.TransportEngine;

/** A client's or an accepted connection below a {@code java.net} socket. */
final class ConnectionCore extends DataCore {
    /** The JDK's channels copy what lies in an array to a buffer of the same size, and keep that: not more than this. */
    private static final int MAX_BYTES = 128 * 1024;

    private final SocketChannel tcp;

    /** Guards the step from no stream to a stream, against close. Never held while blocking. */
    private final Object stateLock = new Object();

    private volatile ByteStream stream; // set once
    private volatile boolean inputEnded;
    private volatile boolean outputShut;
    private volatile boolean reset;

    private ConnectionCore(SocketChannel tcp, InterruptPolicy interrupts) {
        super(interrupts);
        this.tcp = tcp;
        govern(tcp);
    }

    /** Not connected. */
    static ConnectionCore open(InterruptPolicy interrupts) throws IOException {
        return new ConnectionCore(JdkSelectorProvider.get().openSocketChannel(), interrupts);
    }

    /** Accepted. Closes {@code tcp} when that fails. */
    static ConnectionCore accepted(SocketChannel tcp, TransportEngine engine, InterruptPolicy interrupts)
            throws IOException {
        ConnectionCore core = new ConnectionCore(tcp, interrupts);
        core.established(engine, false);
        return core;
    }

    @Override
    NetworkChannel channel() {
        return tcp;
    }

    @Override
    void connect(InetSocketAddress remote, int timeoutMs, Supplier<TransportEngine> engine) throws IOException {
        boolean interrupted = shield();
        try {
            connectBelow(remote, timeoutMs);
            established(engine.get(), true);
        } catch (UnsupportedAddressTypeException e) {
            throw familyUnavailable(e);
        } catch (IOException e) {
            throw isOpen() && !tcp.isOpen() && e instanceof SocketException ? e : connectFailure(translated(e));
        } finally {
            unshield(interrupted);
        }
    }

    /** Of an interrupted connect the JDK's implementation closes the socket itself, and throws what says so. */
    private static IOException connectFailure(IOException e) {
        boolean interrupted = e instanceof InterruptedIOException && !(e instanceof SocketTimeoutException);
        return interrupted ? new SocketException(e.getMessage()) : e;
    }

    private void connectBelow(InetSocketAddress remote, int timeoutMs) throws IOException {
        if (timeoutMs == 0) {
            tcp.connect(remote);
        } else {
            tcp.socket().connect(remote, timeoutMs);
        }
    }

    private void established(TransportEngine engine, boolean initiator) throws IOException {
        ByteStream opened;
        try {
            opened = engine.open(tcp, initiator, this);
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
        synchronized (stateLock) {
            if (isOpen()) {
                stream = opened;
            }
        }
        if (stream == null) {
            opened.close();
            requireOpen();
        }
    }

    @Override
    void closeBelow() throws IOException {
        ByteStream s;
        synchronized (stateLock) {
            s = stream; // established() looks at isOpen under the same lock: it closes what we do not see here
        }
        if (s == null) {
            tcp.close();
        } else {
            s.close();
        }
    }

    private ByteStream connected() throws SocketException {
        requireOpen();
        ByteStream s = stream;
        if (s == null) {
            throw notConnected();
        }
        return s;
    }

    @Override
    int read(byte[] b, int off, int len, int timeoutMs) throws IOException {
        ByteStream s = connected();
        if (reset) {
            throw new SocketException("Connection reset");
        }
        if (inputEnded) {
            return -1;
        }
        long timeoutNs = timeoutMs == 0 ? ByteStream.FOREVER : TimeUnit.MILLISECONDS.toNanos(timeoutMs);
        boolean interrupted = shield();
        try {
            int n = s.read(ByteBuffer.wrap(b, off, Math.min(len, MAX_BYTES)), timeoutNs);
            inputEnded |= n < 0;
            return n;
        } catch (IOException e) {
            throw rememberReset(translated(e));
        } finally {
            unshield(interrupted);
        }
    }

    private IOException rememberReset(IOException e) {
        reset |= "Connection reset".equals(e.getMessage());
        return e;
    }

    @Override
    void write(byte[] b, int off, int len) throws IOException {
        ByteStream s = writable();
        boolean interrupted = shield();
        try {
            for (int from = off; from < off + len; from += MAX_BYTES) {
                ByteBuffer src = ByteBuffer.wrap(b, from, Math.min(MAX_BYTES, off + len - from));
                do {
                    s.write(src, true); // cut short when it is about to fail, and on virtual threads
                } while (src.hasRemaining());
            }
        } catch (IOException e) {
            throw outputShut && isOpen() ? new SocketException("Broken pipe") : translated(e);
        } finally {
            unshield(interrupted);
        }
    }

    private ByteStream writable() throws SocketException {
        ByteStream s = connected();
        if (outputShut) {
            throw new SocketException("Broken pipe");
        }
        return s;
    }

    @Override
    void sendUrgent(int data) throws IOException {
        ByteStream s = writable();
        boolean interrupted = shield();
        try {
            s.sendUrgent(data);
        } catch (IOException e) {
            throw translated(e);
        } finally {
            unshield(interrupted);
        }
    }

    @Override
    int available() throws IOException {
        ByteStream s = connected();
        if (inputEnded) {
            return 0;
        }
        try {
            return s.available();
        } catch (IOException e) {
            throw translated(e);
        }
    }

    @Override
    void shutdownInput() throws IOException {
        ByteStream s = connected();
        if (!inputEnded) {
            try {
                s.shutdownInput();
            } catch (IOException e) {
                throw translated(e);
            }
            inputEnded = true;
        }
    }

    @Override
    void shutdownOutput() throws IOException {
        ByteStream s = connected();
        if (!outputShut) {
            outputShut = true; // before it: a writer that is ended by it must find the reason
            try {
                s.shutdownOutput();
            } catch (IOException e) {
                throw translated(e);
            }
        }
    }

    @Override
    ConnectionInfo info() {
        ByteStream s = stream;
        return s == null ? null : s.info();
    }
}
