package org.xenvmc.migration.process;

/** Sends patterns to an echo over some connections without end, and compares every byte that comes back. */
interface EchoClient {
    /** Bytes that have come back so far, over all connections. */
    long received();

    /** Throws what went wrong so far. */
    void check() throws Exception;

    /**
     * Ends all streams, waits for their ends to come back, and compares how much went and came.
     *
     * @return bytes sent
     */
    long finish() throws Exception;
}
