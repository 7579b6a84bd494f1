package org.xenvmc.transport.metrics;

import java.util.List;
import java.util.Map;

/**
 * One VM as JMX shows it, see {@link TransportManagement}. Every attribute is read when it is asked for. Numbers named Total
 * include closed connections and only grow.
 */
public interface TransportMXBean {
    /** Name of the host, or an empty text. */
    String getHost();

    /** Whether this VM has joined a host. */
    boolean isJoined();

    /** Why nothing can be on shared memory at present; {@code NONE} when it can. */
    String getReason();

    /** The VMs of the host, this one included. */
    List<String> getVms();

    /** Open connections. */
    int getConnectionCount();

    /** The open connections, with the path of each direction and its reason. */
    List<ConnectionRow> getConnections();

    /** Open directions of connections by path. */
    Map<String, Long> getDirectionsByPath();

    /** Open directions of connections by reason. */
    Map<String, Long> getDirectionsByReason();

    /** Connections opened or accepted. */
    long getOpenedTotal();

    /** Connections closed. */
    long getClosedTotal();

    /** Connections that lost bytes. */
    long getLostTotal();

    /** Bytes sent over all paths. */
    long getSentBytesTotal();

    /** Bytes sent through shared memory. */
    long getSentByMemoryBytesTotal();

    /** Bytes received over all paths. */
    long getReceivedBytesTotal();

    /** Bytes received through shared memory. */
    long getReceivedByMemoryBytesTotal();

    /** Changes of a direction to shared memory. */
    long getUpgradesTotal();

    /** Changes of a direction from shared memory to TCP. */
    long getDowngradesTotal();

    /** How often a thread of this VM went to sleep waiting at a ring. */
    long getSleepsTotal();

    /** How often this VM woke the other end of a ring. */
    long getWakeUpsTotal();

    /** How often a connection was kept off shared memory, by reason. */
    Map<String, Long> getRefusalsTotal();

    /** Allows shared memory again. */
    void switchOn();

    /** Takes all connections off shared memory, losing nothing, and keeps new ones on TCP. */
    void switchOff();
}
