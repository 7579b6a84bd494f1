package org.xenvmc.shm.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class SignalBitmapTest {
    private final ByteBuffer entry =
            ByteBuffer.allocateDirect(VmEntryDescriptor.ENTRY_BYTES).order(ByteOrder.nativeOrder());
    private final SignalBitmap signals = new SignalBitmap(entry);
    private final List<Integer> drained = new ArrayList<>();

    @Test
    void shouldDrainExactlyWhatWasSet() {
        long seed = Long.getLong("xenvmc.test.seed", System.nanoTime());
        Random random = new Random(seed);
        for (int round = 0; round < 1000; round++) {
            Set<Integer> set = new TreeSet<>();
            for (int i = random.nextInt(200); i > 0; i--) {
                int connection = random.nextInt(1 << (1 + random.nextInt(16)));
                set.add(connection);
                signals.set(connection);
            }
            drained.clear();
            assertThat(signals.drain(drained::add)).isEqualTo(!set.isEmpty());
            assertThat(drained).as("seed %d", seed).containsExactlyElementsOf(set);
            assertThat(signals.topVolatile()).isZero();
        }
    }

    @Test
    void shouldKeepMailWhenSignalsAreDrained() {
        signals.setMail();
        signals.set(3);
        signals.drain(drained::add);
        assertThat(SignalBitmap.hasMail(signals.topVolatile())).isTrue();
        assertThat(SignalBitmap.hasSignals(signals.topVolatile())).isFalse();
        assertThat(signals.takeMail()).isTrue();
        assertThat(signals.takeMail()).isFalse();
        assertThat(signals.topVolatile()).isZero();
    }

    @Test
    void shouldDeliverAgainWhenSetterDiedHalfWay() {
        // a setter died after its leaf bit, another after its mid bit; the next signal of the connection repairs it
        entry.putLong(VmEntryDescriptor.LEAF_OFFSET, 1L << 5);
        entry.putLong(VmEntryDescriptor.LEAF_OFFSET + 64 * Long.BYTES, 1L);
        entry.putLong(VmEntryDescriptor.MID_OFFSET + Long.BYTES, 1L);
        assertThat(signals.drain(drained::add)).isFalse();
        signals.set(5);
        signals.set(4096);
        signals.drain(drained::add);
        assertThat(drained).containsExactly(5, 4096);
    }

    @Test
    void shouldIgnoreBitsThatMeanNothing() {
        entry.putLong(VmEntryDescriptor.TOP_OFFSET, ~SignalBitmap.MAIL);
        entry.putLong(VmEntryDescriptor.MID_OFFSET, -1);
        assertThat(signals.drain(drained::add)).isFalse();
        assertThat(drained).isEmpty();
    }
}
