package org.xenvmc.tcp;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.HostStatus;
import org.xenvmc.transport.ReasonCode;
import org.xenvmc.transport.SwitchReport;
import org.xenvmc.transport.VmId;
import org.xenvmc.transport.spi.ConnectionManager;
import org.xenvmc.transport.spi.SignalPoller;
import org.xenvmc.transport.spi.StreamControl;

/** Stands in where no shared memory is on the class path: everything stays on TCP and says so. */
final class NoConnectionManager implements ConnectionManager {
    private static final SignalPoller NOTHING_TO_POLL = new SignalPoller() {
        @Override
        public boolean worthSpinning() {
            return false;
        }

        @Override
        public void enter() {}

        @Override
        public boolean poll() {
            return false;
        }

        @Override
        public void exit() {}
    };

    private final Set<StreamControl> streams = ConcurrentHashMap.newKeySet();

    @Override
    public Handle register(StreamControl stream) {
        streams.add(stream);
        stream.reason(ReasonCode.NO_PROVIDER);
        return new Handle() {
            @Override
            public long id() {
                return -1;
            }

            @Override
            public VmId peer() {
                return null;
            }

            @Override
            public void consider() {
                stream.reason(ReasonCode.NO_PROVIDER);
            }

            @Override
            public void reconsider() {}

            @Override
            public void closed() {
                streams.remove(stream);
            }
        };
    }

    @Override
    public void listening(InetSocketAddress local) {}

    @Override
    public void stoppedListening(InetSocketAddress local) {}

    @Override
    public SignalPoller signalPoller() {
        return NOTHING_TO_POLL;
    }

    @Override
    public List<ConnectionInfo> connections() {
        return streams.stream().map(StreamControl::info).toList();
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
        throw new IOException("cannot join " + host + ": " + ReasonCode.NO_PROVIDER.explanation());
    }

    @Override
    public void setEnabled(boolean enabled) {}

    @Override
    public void close() {}
}
