package org.xenvmc.transport;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.xenvmc.transport.spi.BlockingSection;
import org.xenvmc.transport.spi.ByteStream;
import org.xenvmc.transport.spi.SignalPoller;
import org.xenvmc.transport.spi.TransportEngine;

/** The engine of a program that has no implementation of shared memory on its class path. */
final class TcpOnlyEngine implements TransportEngine {
    private static final SignalPoller NO_SIGNALS = new NoSignals();

    private final Set<TcpByteStream> streams = ConcurrentHashMap.newKeySet();

    @Override
    public ByteStream open(SocketChannel tcp, boolean initiator, BlockingSection section) throws IOException {
        TcpByteStream stream = new TcpByteStream(tcp, initiator, streams::remove);
        streams.add(stream);
        return stream;
    }

    @Override
    public void listening(InetSocketAddress local) {
        // there is no table in which to publish it
    }

    @Override
    public void stoppedListening(InetSocketAddress local) {
        // see listening
    }

    @Override
    public SignalPoller signalPoller() {
        return NO_SIGNALS;
    }

    @Override
    public List<ConnectionInfo> connections() {
        return streams.stream().map(TcpByteStream::info).collect(Collectors.toUnmodifiableList());
    }

    @Override
    public HostStatus hostStatus() {
        return new HostStatus(null, false, ReasonCode.NO_PROVIDER, null, 0, List.of());
    }

    @Override
    public SwitchReport leaveHost(Duration limit) {
        return new SwitchReport(0, 0, 0, 0, 0);
    }

    @Override
    public void joinHost(String host) throws IOException {
        throw new IOException("cannot join host " + host + ": " + ReasonCode.NO_PROVIDER.explanation());
    }

    @Override
    public void setEnabled(boolean enabled) {
        // nothing is ever accelerated
    }

    @Override
    public void close() {
        // connections go on over TCP; there are no threads
    }

    private static final class NoSignals implements SignalPoller {
        @Override
        public boolean worthSpinning() {
            return false;
        }

        @Override
        public void enter() {
            // nobody signals
        }

        @Override
        public boolean poll() {
            return false;
        }

        @Override
        public void exit() {
            // nobody signals
        }
    }
}
