package org.xenvmc.migration.cli.demo.vm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.cli.demo.vm.PathLog.Segment;
import org.xenvmc.transport.ConnectionInfo.Direction;
import org.xenvmc.transport.Path;
import org.xenvmc.transport.ReasonCode;

class PathLogTest {
    private final PathLog log = new PathLog(direction(Path.TCP, ReasonCode.WARMING_UP, 0, 0), 100);

    private static Direction direction(Path path, ReasonCode reason, long bytes, long ringBytes) {
        return new Direction(path, reason, bytes, ringBytes, 0, 0, 0, 0, 0);
    }

    private void look(Path path, ReasonCode reason, long bytes, long ringBytes, long nowNs) {
        log.look(direction(path, reason, bytes, ringBytes), nowNs);
    }

    @Test
    void shouldDivideTheStreamToTheByte() {
        look(Path.TCP, ReasonCode.WARMING_UP, 1000, 0, 110);
        look(Path.TCP, ReasonCode.NEGOTIATING, 1010, 0, 120);
        look(Path.SHARED_MEMORY, ReasonCode.NONE, 1500, 400, 130); // 90 more by TCP, then 400 by the ring
        look(Path.SHARED_MEMORY, ReasonCode.NONE, 2500, 1400, 140);
        look(Path.FRAMED_TCP, ReasonCode.MIGRATING, 3000, 1401, 150); // 1 more by the ring, then 499 by TCP

        List<Segment> segments = log.end(200);

        assertThat(segments)
                .containsExactly(
                        new Segment(Path.TCP, ReasonCode.WARMING_UP, 1100, 30),
                        new Segment(Path.SHARED_MEMORY, ReasonCode.NONE, 1401, 20),
                        new Segment(Path.FRAMED_TCP, ReasonCode.MIGRATING, 499, 50));
    }

    @Test
    void shouldNotLoseAPathThatCameAndWentBetweenTwoLooks() {
        look(Path.TCP, ReasonCode.WARMING_UP, 10, 0, 110);
        look(Path.FRAMED_TCP, ReasonCode.MIGRATING, 30, 15, 120);

        assertThat(log.end(130).stream().map(Segment::path))
                .containsExactly(Path.TCP, Path.SHARED_MEMORY, Path.FRAMED_TCP);
        assertThat(log.end(130).stream().mapToLong(Segment::bytes).sum()).isEqualTo(30);
        assertThat(log.end(130).get(1).bytes()).isEqualTo(15);
    }

    @Test
    void shouldNotLoseATripToTcpBetweenTwoLooks() {
        look(Path.SHARED_MEMORY, ReasonCode.NONE, 10, 10, 110);
        look(Path.SHARED_MEMORY, ReasonCode.NONE, 40, 25, 120);

        List<Segment> segments = log.end(130);

        assertThat(segments.stream().map(Segment::path))
                .containsExactly(Path.TCP, Path.SHARED_MEMORY, Path.FRAMED_TCP, Path.SHARED_MEMORY);
        assertThat(segments.get(2).bytes()).isEqualTo(15);
        assertThat(segments.stream().mapToLong(Segment::bytes).sum()).isEqualTo(40);
    }
}
