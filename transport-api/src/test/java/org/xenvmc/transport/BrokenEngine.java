package org.xenvmc.transport;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import org.xenvmc.transport.spi.BlockingSection;
import org.xenvmc.transport.spi.ByteStream;
import org.xenvmc.transport.spi.SignalPoller;
import org.xenvmc.transport.spi.TransportEngine;

/** Takes no connection. */
final class BrokenEngine implements TransportEngine {
    private final IOException failure;

    BrokenEngine(IOException failure) {
        this.failure = failure;
    }

    @Override
    public ByteStream open(SocketChannel tcp, boolean initiator, BlockingSection section) throws IOException {
        throw failure;
    }

    @Override
    public void listening(InetSocketAddress local) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void stoppedListening(InetSocketAddress local) {
        throw new UnsupportedOperationException();
    }

    @Override
    public SignalPoller signalPoller() {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<ConnectionInfo> connections() {
        return List.of();
    }

    @Override
    public HostStatus hostStatus() {
        throw new UnsupportedOperationException();
    }

    @Override
    public SwitchReport leaveHost(Duration limit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void joinHost(String host) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void setEnabled(boolean enabled) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        // holds nothing
    }
}
