package org.xenvmc.transport;

import java.net.InetSocketAddress;

/**
 * A snapshot of one connection, as shown to people and tools.
 *
 * @param id number of the connection in its VM's table, or -1 when it never was in one
 * @param local local address
 * @param remote remote address
 * @param initiator whether this end connected
 * @param peer the VM at the other end, or null when not known
 * @param sending state of the outgoing direction
 * @param receiving state of the incoming direction
 */
public record ConnectionInfo(
        long id,
        InetSocketAddress local,
        InetSocketAddress remote,
        boolean initiator,
        VmId peer,
        Direction sending,
        Direction receiving) {

    /**
     * One direction of a connection.
     *
     * @param path what carries the next byte
     * @param reason why it is TCP; {@link ReasonCode#NONE} on shared memory
     * @param bytes bytes of the stream so far, over all paths
     * @param ringBytes those of them that went through shared memory
     * @param switches how often the direction changed its path
     * @param ringCapacityBytes capacity of the ring in use, 0 without one
     * @param ringFillBytes occupied bytes of the ring, 0 without one
     * @param sleeps how often a thread of this end went to sleep waiting in this direction
     * @param wakeUps how often this end woke the other end in this direction
     * @param ringPosition how far this end has come in the ring in use, with what goes with each record; 0 without one
     * @param ringUnconfirmedBytes sending: how many of the bytes that were written last the receiver was not seen to
     * have taken, with what
     *     goes with each record: if the memory vanished now, the connection would end unless it is 0. Looked at four
     * times a second where
     *     memory can vanish, elsewhere only when the ring seems full. 0 without a ring
     */
    public record Direction(
            Path path,
            ReasonCode reason,
            long bytes,
            long ringBytes,
            long switches,
            int ringCapacityBytes,
            int ringFillBytes,
            long sleeps,
            long wakeUps,
            long ringPosition,
            int ringUnconfirmedBytes) {

        /** With everything confirmed. */
        public Direction(
                Path path,
                ReasonCode reason,
                long bytes,
                long ringBytes,
                long switches,
                int ringCapacityBytes,
                int ringFillBytes,
                long sleeps,
                long wakeUps,
                long ringPosition) {
            this(
                    path,
                    reason,
                    bytes,
                    ringBytes,
                    switches,
                    ringCapacityBytes,
                    ringFillBytes,
                    sleeps,
                    wakeUps,
                    ringPosition,
                    0);
        }

        /** Without a position in a ring. */
        public Direction(
                Path path,
                ReasonCode reason,
                long bytes,
                long ringBytes,
                long switches,
                int ringCapacityBytes,
                int ringFillBytes,
                long sleeps,
                long wakeUps) {
            this(path, reason, bytes, ringBytes, switches, ringCapacityBytes, ringFillBytes, sleeps, wakeUps, 0);
        }

        /** How often the direction went over to shared memory. It begins on TCP, and every other change leads there. */
        public long upgrades() {
            return (switches + 1) / 2;
        }

        /** How often the direction left shared memory. */
        public long downgrades() {
            return switches / 2;
        }
    }
}
