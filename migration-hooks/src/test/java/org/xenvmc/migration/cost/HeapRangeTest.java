package org.xenvmc.migration.cost;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeapRangeTest {
    /** What the collectors of JDK 17 and 25 say of a heap of 200 MB. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                " garbage-first heap   total 204800K, used 9207K [0x00000000f3800000, 0x0000000100000000)\n region size 1024K",
                "Reserved region:\n - [0x00000000f3800000, 0x0000000100000000) \nCollection set:\n - map (vanilla): 0x13ce0",
                "PSYoungGen total 59904K, used 23854K [0x00000000fbd80000, 0x0000000100000000, 0x0000000100000000)\n"
                        + "  eden space 51712K, 46% used [0x00000000fbd80000,0x00000000fd4cb888,0x00000000ff000000)\n"
                        + " ParOldGen total 136704K, used 0K [0x00000000f3800000, 0x00000000fbd80000, 0x00000000fbd80000)",
                "tenured generation total 136576K [0x00000000f7aa0000, 0x0000000100000000, 0x0000000100000000)\n"
                        + " the space [0x00000000f7aa0000, 0x00000000f7aa0000, 0x00000000f7aa0200, 0x0000000100000000)\n"
                        + "def new generation total 61440K [0x00000000f3800000, 0x00000000f7aa0000, 0x00000000f7aa0000)"
            })
    void shouldReadWhatCollectorsSay(String text) {
        assertThat(HeapRange.parse(text)).isEqualTo(new HeapRange(0xf380_0000L, 0x1_0000_0000L));
    }

    @Test
    void shouldSayNothingWhereTheCollectorDoesNot() {
        assertThat(HeapRange.parse(" ZHeap used 26M, capacity 200M, max capacity 200M"))
                .isNull();
    }
}
