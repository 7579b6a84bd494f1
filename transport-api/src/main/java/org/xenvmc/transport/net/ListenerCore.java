package org.xenvmc.transport.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnsupportedAddressTypeException;
import org.xenvmc.transport.JdkSelectorProvider;
import org.xenvmc.transport.spi.TransportEngine;

/** A listening channel below a {@code java.net} server socket; its port is published to the host. */
final class ListenerCore extends BlockingCore {
    private final ServerSocketChannel tcp;

    /** Guards {@link #engine} and {@link #published}. Never held while blocking. */
    private final Object stateLock = new Object();

    private TransportEngine engine; // where published was published
    private InetSocketAddress published;

    /** What accepted connections get for IP_TOS: the channel below does not have the option, which they would inherit. */
    private volatile int trafficClass;

    private ListenerCore(ServerSocketChannel tcp, InterruptPolicy interrupts) {
        super(interrupts);
        this.tcp = tcp;
        govern(tcp);
    }

    static ListenerCore open(InterruptPolicy interrupts) throws IOException {
        return new ListenerCore(JdkSelectorProvider.get().openServerSocketChannel(), interrupts);
    }

    ServerSocketChannel tcp() {
        return tcp;
    }

    /** Binds and listens; returns the port. */
    int listen(InetSocketAddress local, int backlog, TransportEngine where) throws IOException {
        try {
            tcp.bind(local, backlog);
            InetSocketAddress bound = (InetSocketAddress) tcp.getLocalAddress();
            synchronized (stateLock) {
                if (isOpen()) {
                    where.listening(bound);
                    engine = where;
                    published = bound;
                }
            }
            return bound.getPort();
        } catch (UnsupportedAddressTypeException e) {
            throw familyUnavailable(e);
        } catch (IOException e) {
            throw translated(e);
        }
    }

    int trafficClass() {
        return trafficClass;
    }

    void trafficClass(int value) {
        if (value < 0 || value > 255) {
            throw new IllegalArgumentException("Invalid IP_TOS value");
        }
        trafficClass = value;
    }

    /** Waits for a connection; 0 means without limit. */
    SocketChannel accept(int timeoutMs) throws IOException {
        SocketChannel accepted = acceptBelow(timeoutMs);
        if (trafficClass != 0) {
            accepted.setOption(StandardSocketOptions.IP_TOS, trafficClass);
        }
        return accepted;
    }

    private SocketChannel acceptBelow(int timeoutMs) throws IOException {
        requireOpen();
        if (tcp.getLocalAddress() == null) {
            throw new SocketException("Not bound");
        }
        boolean interrupted = shield();
        try {
            if (timeoutMs == 0) {
                return tcp.accept();
            }
            ServerSocket adaptor = tcp.socket();
            adaptor.setSoTimeout(timeoutMs);
            return adaptor.accept().getChannel();
        } catch (IOException e) {
            throw translated(e);
        } finally {
            unshield(interrupted);
        }
    }

    @Override
    void closeBelow() throws IOException {
        InetSocketAddress withdrawn;
        synchronized (stateLock) {
            withdrawn = published;
            published = null;
        }
        try {
            tcp.close();
        } finally {
            if (withdrawn != null) {
                engine.stoppedListening(withdrawn);
            }
        }
    }
}
