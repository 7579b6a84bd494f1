package org.xenvmc.migration.cost;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.cost.MemoryMap.Mapping;

class MemoryMapTest {
    @Test
    void shouldTellWhatIsWritableAndWhatItIsFor() {
        List<Mapping> found = new MemoryMap(new HeapRange(0xf380_0000L, 0x1_0000_0000L), "/dev/shm/host")
                .parse(List.of(
                        "f3800000-f7aa0000 rw-p 00000000 00:00 0 ",
                        "f7aa0000-100000000 ---p 00000000 00:00 0 ",
                        "100000000-100002000 rw-p 00000000 00:00 0 ",
                        "55d0a1a2b000-55d0a1a2c000 r-xp 00001000 fe:00 1234                       /usr/bin/java",
                        "7f0000000000-7f0000010000 rw-s 00000000 00:18 77                         /dev/shm/host/vm-1",
                        "7f0000010000-7f0000090000 rw-s 00000000 00:18 78                         /dev/shm/host/grants/"
                                + "grant-1-1-2 (deleted)",
                        "7f0000090000-7f0000091000 rw-s 00000000 00:18 79                         /dev/shm/hostile/x",
                        "7f0000100000-7f0000200000 rw-s 00000000 00:01 80                         /memfd:java_heap"
                                + " (deleted)",
                        "7fff00000000-7fff00001000 rw-p 00000000 00:00 0                          [stack]",
                        "7fff00005000-7fff00006000 rw-p 00000000 00:00 0                          [vvar]",
                        "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]"));

        assertThat(found)
                .containsExactly(
                        new Mapping(0xf380_0000L, 0xf7aa_0000L, MappingKind.HEAP),
                        new Mapping(0x1_0000_0000L, 0x1_0000_2000L, MappingKind.REST),
                        new Mapping(0x7f00_0000_0000L, 0x7f00_0001_0000L, MappingKind.SHARED_MEMORY),
                        new Mapping(0x7f00_0001_0000L, 0x7f00_0009_0000L, MappingKind.SHARED_MEMORY),
                        new Mapping(0x7f00_0009_0000L, 0x7f00_0009_1000L, MappingKind.REST),
                        new Mapping(0x7f00_0010_0000L, 0x7f00_0020_0000L, MappingKind.HEAP),
                        new Mapping(0x7fff_0000_0000L, 0x7fff_0000_1000L, MappingKind.REST));
    }

    @Test
    void shouldFindTheHeapOfThisJvm() throws Exception {
        List<Mapping> found = new MemoryMap(HeapRange.ofThisJvm(), null).read();

        assertThat(found).extracting(Mapping::kind).contains(MappingKind.HEAP, MappingKind.REST);
    }
}
