package org.xenvmc.transport;

import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * What all connections of a VM have done since its engine was made. Every number only grows.
 *
 * @param opened connections that were opened or accepted
 * @param closed those of them that are closed
 * @param lost those of them that ended with {@link ConnectionLostException}
 * @param sending the outgoing directions
 * @param receiving the incoming directions
 * @param refusals how often a connection was kept off shared memory, by reason; reasons that never occurred are missing
 */
public record TransportStatistics(
        long opened, long closed, long lost, Totals sending, Totals receiving, Map<ReasonCode, Long> refusals) {

    /** Makes the map one that nobody can change. */
    public TransportStatistics {
        refusals = Collections.unmodifiableMap(
                refusals.isEmpty() ? new EnumMap<>(ReasonCode.class) : new EnumMap<>(refusals));
    }

    /**
     * All directions of one kind together.
     *
     * @param bytes bytes over all paths
     * @param ringBytes those of them that went through shared memory
     * @param upgrades changes to shared memory
     * @param downgrades changes from shared memory to TCP
     * @param sleeps how often a thread of this VM went to sleep waiting
     * @param wakeUps how often this VM woke the other end
     */
    public record Totals(long bytes, long ringBytes, long upgrades, long downgrades, long sleeps, long wakeUps) {
        /** Nothing yet. */
        public static final Totals NOTHING = new Totals(0, 0, 0, 0, 0, 0);

        /** These and what one direction has done. */
        public Totals plus(ConnectionInfo.Direction d) {
            return new Totals(
                    bytes + d.bytes(),
                    ringBytes + d.ringBytes(),
                    upgrades + d.upgrades(),
                    downgrades + d.downgrades(),
                    sleeps + d.sleeps(),
                    wakeUps + d.wakeUps());
        }
    }

    /** The sum over connections that are all open, for an engine that does not count. */
    public static TransportStatistics of(Collection<ConnectionInfo> open) {
        Totals sending = Totals.NOTHING;
        Totals receiving = Totals.NOTHING;
        for (ConnectionInfo c : open) {
            sending = sending.plus(c.sending());
            receiving = receiving.plus(c.receiving());
        }
        return new TransportStatistics(open.size(), 0, 0, sending, receiving, Map.of());
    }
}
