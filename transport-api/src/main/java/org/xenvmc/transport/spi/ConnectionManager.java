package org.xenvmc.transport.spi;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.HostStatus;
import org.xenvmc.transport.ReasonCode;
import org.xenvmc.transport.SwitchReport;
import org.xenvmc.transport.VmId;

/**
 * Sets up, finds and tears down the shared-memory side of connections (paper: Connection Manager). One per VM; all
 * methods are thread-safe and, where not said otherwise, return at once: work is done by the manager's own thread.
 */
public interface ConnectionManager extends AutoCloseable {
    /** The manager's handle of one stream. */
    interface Handle {
        /** Number in the VM's table of connections, or -1. */
        long id();

        /** The VM at the other end, or null when not known. */
        VmId peer();

        /** The stream has seen enough traffic for an upgrade to pay: consider it now. Idempotent. */
        void consider();

        /** What kept the stream from rings may be over: consider it once more, if it has been considered before. */
        void reconsider();

        /** The stream is closed. */
        void closed();
    }

    /** Adds a stream to the table. Joins the host in the background if this is the first. */
    Handle register(StreamControl stream);

    /** See {@link TransportEngine#listening}. */
    void listening(InetSocketAddress local);

    /** See {@link TransportEngine#stoppedListening}. */
    void stoppedListening(InetSocketAddress local);

    /** For selectors. */
    SignalPoller signalPoller();

    /** Snapshots of all registered streams. */
    List<ConnectionInfo> connections();

    /** This VM and the others of its host. */
    HostStatus hostStatus();

    /** See {@link TransportEngine#obstacle}. */
    default ReasonCode obstacle(InetSocketAddress local, InetSocketAddress remote) {
        return hostStatus().reason();
    }

    /** See {@link TransportEngine#candidates}. */
    default List<Candidate> candidates(InetSocketAddress remote) {
        return List.of();
    }

    /** See {@link TransportEngine#leaveHost}; blocks until done or the limit is over. */
    SwitchReport leaveHost(Duration limit) throws IOException;

    /** See {@link TransportEngine#joinHost}; blocks until joined. */
    void joinHost(String host) throws IOException;

    /** See {@link TransportEngine#setEnabled}. */
    void setEnabled(boolean enabled);

    @Override
    void close();
}
