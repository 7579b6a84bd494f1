package org.xenvmc.transport.metrics;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.ConnectionInfo.Direction;
import org.xenvmc.transport.HostStatus;
import org.xenvmc.transport.Path;
import org.xenvmc.transport.ReasonCode;
import org.xenvmc.transport.TransportStatistics;
import org.xenvmc.transport.spi.TransportEngine;

/**
 * What an engine says at one moment, kept for a second: many numbers are asked for one by one, and each look goes through all
 * connections. Thread-safe.
 */
final class Snapshots {
    private static final long FRESH_NS = TimeUnit.SECONDS.toNanos(1);

    /**
     * One moment.
     *
     * @param host the host
     * @param statistics all connections since the beginning
     * @param sending the outgoing directions that are open
     * @param receiving the incoming directions that are open
     */
    record Snapshot(
            HostStatus host, TransportStatistics statistics, OpenDirections sending, OpenDirections receiving) {}

    /** The open directions of one kind, counted. */
    static final class OpenDirections {
        private final Map<Path, Long> paths = new EnumMap<>(Path.class);
        private final Map<ReasonCode, Long> reasons = new EnumMap<>(ReasonCode.class);
        private long ringCapacityBytes;
        private long ringFillBytes;

        private void add(Direction d) {
            paths.merge(d.path(), 1L, Long::sum);
            reasons.merge(d.reason(), 1L, Long::sum);
            ringCapacityBytes += d.ringCapacityBytes();
            ringFillBytes += d.ringFillBytes();
        }

        long on(Path path) {
            return paths.getOrDefault(path, 0L);
        }

        long with(ReasonCode reason) {
            return reasons.getOrDefault(reason, 0L);
        }

        long ringCapacityBytes() {
            return ringCapacityBytes;
        }

        long ringFillBytes() {
            return ringFillBytes;
        }
    }

    private final TransportEngine engine;
    private Snapshot last;
    private long takenNs;

    Snapshots(TransportEngine engine) {
        this.engine = engine;
    }

    synchronized Snapshot get() {
        long now = System.nanoTime();
        if (last == null || now - takenNs > FRESH_NS) {
            last = of(engine);
            takenNs = now;
        }
        return last;
    }

    static Snapshot of(TransportEngine engine) {
        List<ConnectionInfo> open = engine.connections();
        OpenDirections sending = new OpenDirections();
        OpenDirections receiving = new OpenDirections();
        for (ConnectionInfo c : open) {
            sending.add(c.sending());
            receiving.add(c.receiving());
        }
        return new Snapshot(engine.hostStatus(), engine.statistics(), sending, receiving);
    }
}
