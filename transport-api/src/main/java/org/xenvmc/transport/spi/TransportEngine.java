package org.xenvmc.transport.spi;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.HostStatus;
import org.xenvmc.transport.ReasonCode;
import org.xenvmc.transport.SwitchReport;
import org.xenvmc.transport.TransportStatistics;

/** Everything behind the channels of one VM. Created by a {@link TransportEngineFactory}; all methods are thread-safe. */
public interface TransportEngine extends AutoCloseable {
    /**
     * Takes over an established TCP connection. Sends nothing by itself.
     *
     * @param tcp the JDK's own channel, connected
     * @param initiator whether this end connected (false: accepted)
     * @param section the owner's blocking section
     */
    ByteStream open(SocketChannel tcp, boolean initiator, BlockingSection section) throws IOException;

    /** A server socket of this VM listens on {@code local}; publishes the port. Never blocks on other VMs. */
    void listening(InetSocketAddress local);

    /** The server socket of {@link #listening} was closed. */
    void stoppedListening(InetSocketAddress local);

    /** For selectors. */
    SignalPoller signalPoller();

    /** Snapshots of all open connections. */
    List<ConnectionInfo> connections();

    /** This VM and the others that share its host. */
    HostStatus hostStatus();

    /**
     * Why this VM, as far as it decides alone, keeps a connection between two addresses off shared memory: its rules, its
     * switch, its membership. {@link ReasonCode#NONE} when it would not.
     *
     * @param local this VM's end; port 0 when it is not known yet
     * @param remote the other end; port 0 when it is not known yet
     */
    default ReasonCode obstacle(InetSocketAddress local, InetSocketAddress remote) {
        return hostStatus().reason();
    }

    /** The VMs of the host, this one included, and which of them would be asked for the other end of a connection. */
    default List<Candidate> candidates(InetSocketAddress remote) {
        return List.of();
    }

    /** What all connections together have done since the engine was made; those that are closed by now included. */
    default TransportStatistics statistics() {
        return TransportStatistics.of(connections());
    }

    /** Has something done when the engine is closed; at once if it is closed already. An engine may never do it. */
    default void whenClosed(Runnable action) {}

    /**
     * Takes every connection off shared memory (what is in the rings arrives first), unmaps and leaves the host. The
     * paper's finish_mig.
     *
     * @param limit how long to wait for peers in all; afterwards connections that still have undelivered bytes in a ring
     *     end with {@link org.xenvmc.transport.ConnectionLostException}
     */
    SwitchReport leaveHost(Duration limit) throws IOException;

    /** Joins a host and offers shared memory to all eligible connections again. */
    void joinHost(String host) throws IOException;

    /** The kill switch: false takes all connections off shared memory and keeps new ones on TCP; true allows it again. */
    void setEnabled(boolean enabled);

    /** Leaves the host and ends all threads. Open connections go on over TCP as far as they can. */
    @Override
    void close();
}
