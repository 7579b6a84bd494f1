package org.xenvmc.transport.metrics;

import org.xenvmc.transport.ConnectionInfo;

/** One open connection as JMX shows it. Immutable. */
public final class ConnectionRow {
    private final ConnectionInfo info;

    ConnectionRow(ConnectionInfo info) {
        this.info = info;
    }

    /** Local address and port. */
    public String getLocal() {
        return info.local().toString();
    }

    /** Remote address and port. */
    public String getRemote() {
        return info.remote().toString();
    }

    /** The VM at the other end; an empty text when it is not known. */
    public String getPeer() {
        return info.peer() == null ? "" : info.peer().toString();
    }

    /** Path of the outgoing direction. */
    public String getSendingPath() {
        return info.sending().path().name();
    }

    /** Why the outgoing direction is on TCP, or NONE. */
    public String getSendingReason() {
        return info.sending().reason().name();
    }

    /** Bytes sent. */
    public long getSentBytes() {
        return info.sending().bytes();
    }

    /** Bytes sent through shared memory. */
    public long getSentByMemoryBytes() {
        return info.sending().ringBytes();
    }

    /** Path of the incoming direction. */
    public String getReceivingPath() {
        return info.receiving().path().name();
    }

    /** Why the incoming direction is on TCP, or NONE. */
    public String getReceivingReason() {
        return info.receiving().reason().name();
    }

    /** Bytes received. */
    public long getReceivedBytes() {
        return info.receiving().bytes();
    }

    /** Bytes received through shared memory. */
    public long getReceivedByMemoryBytes() {
        return info.receiving().ringBytes();
    }
}
