package org.xenvmc.shm.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.xenvmc.shm.provider.ProviderException;
import org.xenvmc.shm.ring.RingPlace;
import org.xenvmc.shm.ring.SpinWait;
import org.xenvmc.shm.ring.SpscRingReceiver;
import org.xenvmc.shm.syscall.Membarrier;
import org.xenvmc.transport.ReasonCode;
import org.xenvmc.transport.VmcContext;
import org.xenvmc.transport.WaitStrategy;

/** Rings are used again when both ends have let go, and not before. */
class RingPoolTest {
    private final FakeHost host = new FakeHost();
    private final FakeMember peer = host.add(2);
    private final VmcContext context =
            new VmcContext().ringMinBytes(4096).ringMaxBytes(16384).conclude();
    private final RingPool pool = new RingPool(context, host, peer);

    private static SpscRingReceiver receiver(RingPool.Slot slot) {
        return new SpscRingReceiver(new RingPlace(
                slot.segment().grant().mapping(),
                slot.offset(),
                slot.segment().capacity(),
                new SpinWait(WaitStrategy.PARK, 0, 1),
                Membarrier.fence(),
                () -> {},
                () -> {}));
    }

    private static String key(RingPool.Slot s) {
        return s.ref().grant() + ":" + s.offset();
    }

    @Test
    void shouldNeverHandOutARingThatOneEndStillHas() throws Exception {
        Random random = new Random(Long.getLong("xenvmc.test.seed", 1));
        List<RingPool.Slot> both = new ArrayList<>();
        List<RingPool.Slot> receiverOnly = new ArrayList<>();
        Set<String> inUse = new HashSet<>();
        for (int i = 0; i < 3_000; i++) {
            int what = random.nextInt(3);
            if (what == 0 || both.isEmpty()) {
                RingPool.Slot s = pool.take();
                assertThat(inUse.add(key(s))).as("ring %s is free", key(s)).isTrue();
                both.add(s);
            } else if (what == 1) {
                RingPool.Slot s = both.remove(random.nextInt(both.size()));
                pool.release(s);
                receiverOnly.add(s);
            } else if (!receiverOnly.isEmpty()) {
                RingPool.Slot s = receiverOnly.remove(random.nextInt(receiverOnly.size()));
                receiver(s).release();
                inUse.remove(key(s));
            }
        }
    }

    @Test
    void shouldUseRingsAgainForShortConnections() throws Exception {
        for (int i = 0; i < 500; i++) {
            RingPool.Slot s = pool.take();
            receiver(s).release();
            pool.release(s);
        }
        assertThat(host.granted).hasSize(1);
    }

    @Test
    void shouldNotOverlap() throws Exception {
        List<RingPool.Slot> slots = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            slots.add(pool.take());
        }
        for (RingPool.Slot a : slots) {
            assertThat(a.offset() % 4096).isZero();
            assertThat((long) a.offset()
                            + org.xenvmc.shm.ring.RingLayout.ringBytes(
                                    a.segment().capacity()))
                    .isLessThanOrEqualTo(a.ref().grantBytes());
            for (RingPool.Slot b : slots) {
                if (a != b && a.ref().grant() == b.ref().grant()) {
                    assertThat(Math.abs(a.offset() - b.offset()))
                            .isGreaterThan(a.segment().capacity());
                }
            }
        }
    }

    @Test
    void shouldGiveMemoryBackAndNameIt() throws Exception {
        List<RingPool.Slot> slots = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            slots.add(pool.take());
        }
        long before = host.budgetBytes;
        Set<Integer> revoked = new HashSet<>();
        for (RingPool.Slot s : slots) {
            receiver(s).release();
            revoked.addAll(pool.release(s));
        }
        assertThat(host.budgetBytes).isGreaterThan(before);
        assertThat(revoked).isNotEmpty();
        for (FakeHost.FakeGrant g : host.granted.values()) {
            assertThat(g.memory().unmapped()).isEqualTo(revoked.contains(g.ref().number()));
        }
    }

    @Test
    void shouldSayWhyThereIsNoRing() {
        host.budgetBytes = 1000;
        assertThatThrownBy(pool::take).isInstanceOfSatisfying(ProviderException.class, e -> assertThat(e.reason())
                .isEqualTo(ReasonCode.BUDGET_EXHAUSTED));
    }

    @Test
    void shouldRevokeAtCloseWhatItsOwnSendersHaveLetGo() throws Exception {
        RingPool.Slot used = pool.take();
        RingPool.Slot other = pool.take();
        pool.release(other);
        pool.close();
        assertThat(host.granted.get(1).memory().unmapped())
                .as("a sender still writes")
                .isFalse();
        pool.release(used);
        assertThat(host.granted.get(1).memory().unmapped()).isTrue();
    }
}
