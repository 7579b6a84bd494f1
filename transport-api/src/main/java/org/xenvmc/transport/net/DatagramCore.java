package org.xenvmc.transport.net;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.NetworkChannel;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.function.Supplier;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.JdkSelectorProvider;
import org.xenvmc.transport.spi.TransportEngine;

/**
 * Datagrams below a {@code java.net.Socket}, which is deprecated, but promised: {@code new Socket(host, port, false)}. They go
 * through the JDK's channel and never through shared memory. A write sends one, a read receives one and drops what it has no
 * room for. How much is available is not known, and ending the input does not wake who is blocked in a read.
 */
final class DatagramCore extends DataCore {
    private final DatagramChannel channel;
    private volatile boolean inputEnded;
    private volatile boolean outputShut;

    private DatagramCore(DatagramChannel channel, InterruptPolicy interrupts) {
        super(interrupts);
        this.channel = channel;
        govern(channel);
    }

    /** Not connected. */
    static DatagramCore open(InterruptPolicy interrupts) throws IOException {
        return new DatagramCore(JdkSelectorProvider.get().openDatagramChannel(), interrupts);
    }

    @Override
    NetworkChannel channel() {
        return channel;
    }

    @Override
    void connect(InetSocketAddress remote, int timeoutMs, Supplier<TransportEngine> engine) throws IOException {
        try {
            channel.connect(remote); // does not wait for anybody
        } catch (UnsupportedAddressTypeException e) {
            throw familyUnavailable(e);
        } catch (IOException e) {
            throw translated(e);
        }
    }

    private void requireConnected() throws SocketException {
        requireOpen();
        if (!channel.isConnected()) {
            throw notConnected();
        }
    }

    @Override
    int read(byte[] b, int off, int len, int timeoutMs) throws IOException {
        requireConnected();
        if (inputEnded) {
            return -1;
        }
        DatagramPacket packet = new DatagramPacket(b, off, len);
        boolean interrupted = shield();
        try {
            DatagramSocket adaptor = channel.socket();
            adaptor.setSoTimeout(timeoutMs);
            adaptor.receive(packet);
            return packet.getLength();
        } catch (SocketTimeoutException e) {
            throw new SocketTimeoutException("Read timed out");
        } catch (IOException e) {
            throw translated(e);
        } finally {
            unshield(interrupted);
        }
    }

    @Override
    void write(byte[] b, int off, int len) throws IOException {
        requireConnected();
        if (outputShut) {
            throw new SocketException("Broken pipe");
        }
        boolean interrupted = shield();
        try {
            channel.write(ByteBuffer.wrap(b, off, len));
        } catch (IOException e) {
            throw translated(e);
        } finally {
            unshield(interrupted);
        }
    }

    @Override
    void sendUrgent(int data) throws IOException {
        requireConnected();
        throw new SocketException("Operation not supported");
    }

    @Override
    int available() throws IOException {
        requireConnected();
        return 0;
    }

    @Override
    void shutdownInput() throws IOException {
        requireConnected();
        inputEnded = true;
    }

    @Override
    void shutdownOutput() throws IOException {
        requireConnected();
        outputShut = true;
    }

    @Override
    ConnectionInfo info() {
        return null;
    }

    @Override
    void closeBelow() throws IOException {
        channel.close();
    }
}
