package org.xenvmc.migration.cli.demo.vm;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.xenvmc.transport.ConnectionInfo.Direction;
import org.xenvmc.transport.Path;
import org.xenvmc.transport.ReasonCode;

/**
 * Divides what a direction carries into segments of one path each, to the byte: looks are rare, but the direction
 * itself counts what went through rings. Used by the thread that moves the data.
 */
final class PathLog {
    /**
     * An interval of the stream on one path.
     *
     * @param path what carried it
     * @param reason why it was TCP, for most of its bytes
     * @param bytes its length
     * @param durationNs time from its first byte to that of the next segment, in nanoseconds
     */
    record Segment(Path path, ReasonCode reason, long bytes, long durationNs) {}

    private final List<Segment> segments = new ArrayList<>();
    private Path path;
    private final Map<ReasonCode, Long> reasons = new EnumMap<>(ReasonCode.class);
    private long sinceNs;
    private long segmentBytes;
    private long seenBytes;
    private long seenRingBytes;

    PathLog(Direction start, long nowNs) {
        path = start.path();
        reasons.put(start.reason(), 0L);
        sinceNs = nowNs;
        seenBytes = start.bytes();
        seenRingBytes = start.ringBytes();
    }

    /** Notes where the direction is now. */
    void look(Direction now, long nowNs) {
        long byRing = now.ringBytes() - seenRingBytes;
        long byTcp = now.bytes() - seenBytes - byRing;
        seenBytes = now.bytes();
        seenRingBytes = now.ringBytes();
        boolean onRing = path == Path.SHARED_MEMORY;
        segmentBytes += onRing ? byRing : byTcp;
        long rest = onRing ? byTcp : byRing;
        if (now.path() != path) {
            boolean nowOnRing = now.path() == Path.SHARED_MEMORY;
            if (nowOnRing == onRing && rest > 0) {
                next(onRing ? Path.FRAMED_TCP : Path.SHARED_MEMORY, nowNs); // came and went between two looks
                segmentBytes = rest;
                rest = 0;
            }
            next(now.path(), nowNs);
            segmentBytes = rest;
        } else if (rest > 0) {
            next(onRing ? Path.FRAMED_TCP : Path.SHARED_MEMORY, nowNs);
            segmentBytes = rest;
            next(now.path(), nowNs);
        }
        reasons.merge(now.reason(), byRing + byTcp, Long::sum);
    }

    private void next(Path to, long nowNs) {
        segments.add(segment(nowNs));
        path = to;
        reasons.clear();
        sinceNs = nowNs;
        segmentBytes = 0;
    }

    /** All segments, the present one included. */
    List<Segment> end(long nowNs) {
        List<Segment> all = new ArrayList<>(segments);
        all.add(segment(nowNs));
        return all;
    }

    private Segment segment(long nowNs) {
        ReasonCode reason = ReasonCode.NONE;
        if (path != Path.SHARED_MEMORY) {
            reason = reasons.entrySet().stream()
                    .filter(e -> e.getKey() != ReasonCode.NONE)
                    .max(Map.Entry.comparingByValue())
                    .map(Map.Entry::getKey)
                    .orElse(ReasonCode.NONE);
        }
        return new Segment(path, reason, segmentBytes, nowNs - sinceNs);
    }
}
