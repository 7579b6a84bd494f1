package org.xenvmc.migration.cost;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.cost.KernelMeters.Found;
import org.xenvmc.migration.cost.MemoryMap.Mapping;
import org.xenvmc.migration.world.HostDirectory;
import org.xenvmc.migration.world.Vm;
import org.xenvmc.shm.syscall.MappedRegion;

class KernelMetersTest {
    private static final int PAGES = 300;

    private static MemoryMap only(Mapping... mappings) {
        return new MemoryMap(null, null) {
            @Override
            List<Mapping> read() {
                return List.of(mappings);
            }
        };
    }

    private static Mapping mapping(MappedRegion region, int firstPage, int endPage, MappingKind kind) {
        return new Mapping(region.address() + firstPage * 4096L, region.address() + endPage * 4096L, kind);
    }

    private static KernelMeter meter(MemoryMap map) {
        Found found = KernelMeters.find(map);
        Assumptions.assumeTrue(
                found.meter() != null, () -> "needs a kernel that counts written pages: " + found.obstacle());
        return found.meter();
    }

    private static void write(MappedRegion region, int from, int to) {
        for (int page = from; page < to; page++) {
            region.buffer().put(page * 4096, (byte) (region.buffer().get(page * 4096) + 1));
        }
    }

    @Test
    void shouldSayWhyWhenThereIsNone() {
        Found found = KernelMeters.find(only());

        assertThat(found.meter() == null).isEqualTo(found.obstacle() != null);
        if (found.meter() == null) {
            assertThat(found.obstacle()).contains("PAGEMAP_SCAN: ", "soft-dirty: ");
        } else {
            found.meter().close();
        }
    }

    @Test
    void shouldCountByKindOfMapping() throws IOException {
        MappedRegion region = MappedRegion.anonymous(PAGES * 4096);
        try (KernelMeter meter = meter(only(
                mapping(region, 0, 100, MappingKind.HEAP),
                mapping(region, 100, 120, MappingKind.SHARED_MEMORY),
                mapping(region, 120, PAGES, MappingKind.REST)))) {
            write(region, 0, PAGES);
            meter.begin();
            write(region, 90, 125);

            assertThat(meter.take())
                    .isEqualTo(Map.of(MappingKind.HEAP, 10L, MappingKind.SHARED_MEMORY, 20L, MappingKind.REST, 5L));
            assertThat(meter.take())
                    .isEqualTo(Map.of(MappingKind.HEAP, 0L, MappingKind.SHARED_MEMORY, 0L, MappingKind.REST, 0L));
        } finally {
            region.unmap();
        }
    }

    /** A mapping that appears counts with what it holds; one that goes is forgotten. */
    @Test
    void shouldFollowMappingsThatComeAndGo() throws IOException {
        MappedRegion old = MappedRegion.anonymous(PAGES * 4096);
        MappedRegion young = MappedRegion.anonymous(PAGES * 4096);
        Map<String, Mapping> present = new HashMap<>();
        present.put("old", mapping(old, 0, PAGES, MappingKind.REST));
        MemoryMap map = new MemoryMap(null, null) {
            @Override
            List<Mapping> read() {
                return List.copyOf(present.values());
            }
        };
        try (KernelMeter meter = meter(map)) {
            meter.begin();
            write(young, 0, 7);
            present.put("young", mapping(young, 0, PAGES, MappingKind.HEAP));
            assertThat(meter.take()).isEqualTo(Map.of(MappingKind.HEAP, 7L, MappingKind.REST, 0L));
            write(young, 5, 8);
            assertThat(meter.take()).isEqualTo(Map.of(MappingKind.HEAP, 3L, MappingKind.REST, 0L));
            present.remove("old");
            old.unmap();
            assertThat(meter.take()).isEqualTo(Map.of(MappingKind.HEAP, 0L));
        } finally {
            young.unmap();
        }
    }

    @Test
    void shouldReportWithoutAKernelThatCounts() throws Exception {
        try (HostDirectory host = HostDirectory.create();
                Vm vm = Vm.on(host)) {
            vm.engine().hostStatus();
            DirtyPageMeter meter = new DirtyPageMeter(vm.engine(), new Found(null, "none of them counts"));

            DirtyReport report = meter.measure(Duration.ofMillis(30));

            assertThat(report.done()).isTrue();
            assertThat(report.method()).isNull();
            assertThat(report.obstacle()).isEqualTo("none of them counts");
            assertThat(report.memoryPages()).isGreaterThan(1_000);
            assertThat(report.samples()).hasSize(4).allMatch(s -> s.written() == null);
            for (int i = 0; i < 4; i++) { // each is meant to be twice as long as the one before, and may take longer
                assertThat(report.samples().get(i).ns()).isGreaterThanOrEqualTo(30_000_000L * (1 << i) / 15);
            }
        }
    }
}
