package org.xenvmc.migration.cost;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xenvmc.migration.cost.MemoryMap.Mapping;
import org.xenvmc.shm.syscall.NativeAccess;

/** The soft-dirty meter with page tables made by hand; {@link SoftDirtyGuestTest} runs it where a kernel counts. */
class SoftDirtyMeterTest {
    private static final long SOFT_DIRTY = 1L << 55;
    private static final long SWAPPED = 1L << 62;
    private static final long PRESENT = 1L << 63;
    private static final long START = 0x10_0000;

    @TempDir
    private Path dir;

    private Path clear;
    private Path pageMap;

    @BeforeEach
    void make() throws IOException {
        clear = Files.createFile(dir.resolve("clear_refs"));
        pageMap = Files.createFile(dir.resolve("pagemap"));
    }

    private static MemoryMap map(Mapping... mappings) {
        return new MemoryMap(null, null) {
            @Override
            List<Mapping> read() {
                return List.of(mappings);
            }
        };
    }

    private static Mapping pages(int first, int end, MappingKind kind) {
        return new Mapping(START + first * 4096L, START + end * 4096L, kind);
    }

    private void entry(int page, long value) throws IOException {
        try (FileChannel c = FileChannel.open(pageMap, StandardOpenOption.WRITE)) {
            ByteBuffer b = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder());
            c.write(b.putLong(value).flip(), (START / 4096 + page) * Long.BYTES);
        }
    }

    @Test
    void shouldCountPagesThatAreDirtyAndThere() throws IOException {
        entry(0, PRESENT | SOFT_DIRTY);
        entry(1, PRESENT);
        entry(2, SWAPPED | SOFT_DIRTY);
        entry(3, SOFT_DIRTY); // a new mapping marks pages that nobody has touched
        entry(5, PRESENT | SOFT_DIRTY);
        entry(6, PRESENT | SOFT_DIRTY | 0x7f_ffff);
        entry(9, PRESENT | SOFT_DIRTY); // of nobody
        MemoryMap map = map(pages(0, 5, MappingKind.HEAP), pages(5, 8, MappingKind.REST));
        try (SoftDirtyMeter meter = new SoftDirtyMeter(map, clear, pageMap)) {
            assertThat(meter.take()).isEqualTo(Map.of(MappingKind.HEAP, 2L, MappingKind.REST, 2L));
        }
    }

    @Test
    void shouldClearTheBitsAtTheBeginningAndWithEachLook() throws IOException {
        try (SoftDirtyMeter meter = new SoftDirtyMeter(map(), clear, pageMap)) {
            assertThat(clear).isEmptyFile();
            meter.begin();
            assertThat(clear).hasContent("4");
            Files.writeString(clear, "");
            meter.take();
            assertThat(clear).hasContent("4");
        }
    }

    @Test
    void shouldReadPageTablesThatAreLongerThanItsBuffer() throws IOException {
        int last = 100_000;
        entry(0, PRESENT | SOFT_DIRTY);
        entry(50_000, PRESENT | SOFT_DIRTY);
        entry(last, PRESENT | SOFT_DIRTY);
        try (SoftDirtyMeter meter = new SoftDirtyMeter(map(pages(0, last + 1, MappingKind.REST)), clear, pageMap)) {
            assertThat(meter.take()).isEqualTo(Map.of(MappingKind.REST, 3L));
        }
    }

    /** As a kernel without CONFIG_MEM_SOFT_DIRTY: clearing works, and the bit stays 0. */
    @Test
    void shouldNotBeTrustedWhenTheKernelTakesEveryStepAndCountsNothing() throws IOException {
        Assumptions.assumeTrue(NativeAccess.available(), "needs system calls");
        try (FileChannel c = FileChannel.open(pageMap, StandardOpenOption.WRITE)) {
            ByteBuffer nothing = ByteBuffer.allocate(Long.BYTES);
            c.write(nothing, (1L << 47) / 4096 * Long.BYTES); // a hole, as long as the address space
        } catch (IOException e) {
            Assumptions.abort("needs a file system with large sparse files: " + e.getMessage());
        }
        assertThat(KernelMeters.works(map -> new SoftDirtyMeter(map, clear, pageMap)))
                .isFalse();
        assertThat(clear).hasContent("4");
    }

    /** Marks too many: what was written and its neighbours. */
    @Test
    void shouldNotBeTrustedWhenTheKernelCountsTooMuch() throws IOException {
        Assumptions.assumeTrue(NativeAccess.available(), "needs system calls");
        assertThat(KernelMeters.works(map -> new SoftDirtyMeter(map, clear, pageMap) {
                    @Override
                    long count(long start, long end) {
                        return (end - start) / 4096;
                    }
                }))
                .isFalse();
    }
}
