package org.xenvmc.migration.cost;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.ConnectionInfo.Direction;
import org.xenvmc.transport.TransportStatistics;
import org.xenvmc.transport.spi.TransportEngine;

/**
 * What the connections of a VM wrote between two moments, from their positions: no help of the kernel is needed.
 *
 * @param ringPages different pages of rings that this VM's ends wrote; each end that slept wrote one more at most
 * @param sentBytes bytes sent
 * @param sentRingBytes those of them by shared memory
 * @param receivedBytes bytes received; they were copied into memory of this VM, at most {@link #copiedPages} different
 *     pages
 * @param receivedRingBytes those of them by shared memory
 * @param closedConnections connections closed between the two moments, whose last rings are not in {@code ringPages}
 */
public record TransportPages(
        long ringPages,
        long sentBytes,
        long sentRingBytes,
        long receivedBytes,
        long receivedRingBytes,
        long closedConnections) {

    /** Where all connections stood at one moment. */
    static final class Moment {
        private final Map<String, ConnectionInfo> open = new HashMap<>();
        private final TransportStatistics totals;

        private Moment(List<ConnectionInfo> connections, TransportStatistics totals) {
            connections.forEach(c -> open.put(c.id() + " " + c.local() + " " + c.remote(), c));
            this.totals = totals;
        }

        static Moment of(TransportEngine engine) {
            return new Moment(engine.connections(), engine.statistics());
        }

        static Moment of(List<ConnectionInfo> connections, TransportStatistics totals) {
            return new Moment(connections, totals);
        }
    }

    /** What was written between two moments. */
    static TransportPages between(Moment before, Moment after) {
        long pages = 0;
        for (Map.Entry<String, ConnectionInfo> entry : after.open.entrySet()) {
            ConnectionInfo then = before.open.get(entry.getKey());
            ConnectionInfo now = entry.getValue();
            pages += RingPages.bySender(
                    from(then == null ? null : then.sending(), now.sending()),
                    now.sending().ringPosition(),
                    now.sending().ringCapacityBytes());
            pages += RingPages.byReceiver(
                    from(then == null ? null : then.receiving(), now.receiving()),
                    now.receiving().ringPosition());
        }
        TransportStatistics.Totals sent = after.totals.sending();
        TransportStatistics.Totals received = after.totals.receiving();
        return new TransportPages(
                pages,
                sent.bytes() - before.totals.sending().bytes(),
                sent.ringBytes() - before.totals.sending().ringBytes(),
                received.bytes() - before.totals.receiving().bytes(),
                received.ringBytes() - before.totals.receiving().ringBytes(),
                after.totals.closed() - before.totals.closed());
    }

    /** Where the direction stood in the ring that it uses now: another ring begins at 0. */
    private static long from(Direction then, Direction now) {
        boolean same = then != null && then.switches() == now.switches() && then.ringPosition() <= now.ringPosition();
        return same ? then.ringPosition() : 0;
    }

    /** Pages into which received bytes were copied, if no page was used twice: the most that it can be. */
    public long copiedPages() {
        return pages(receivedBytes);
    }

    /** Pages of the kernel's socket buffers that bytes on TCP went through, if no page was used twice. */
    public long socketPages() {
        return pages(sentBytes - sentRingBytes + receivedBytes - receivedRingBytes);
    }

    private static long pages(long bytes) {
        return (bytes + PreCopy.PAGE_BYTES - 1) / PreCopy.PAGE_BYTES;
    }
}
