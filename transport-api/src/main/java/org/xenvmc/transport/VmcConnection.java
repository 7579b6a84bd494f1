package org.xenvmc.transport;

/** A channel or socket of ours that can be asked how its connection travels. */
public interface VmcConnection {
    /**
     * Tells which path each direction is on and, on TCP, why. Never blocks; any thread may ask; also after close.
     *
     * @throws java.nio.channels.NotYetConnectedException before the connection is established
     */
    ConnectionInfo connectionInfo();
}
