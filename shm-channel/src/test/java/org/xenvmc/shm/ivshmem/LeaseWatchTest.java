package org.xenvmc.shm.ivshmem;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xenvmc.shm.ivshmem.FakeDevice.Recorder;

class LeaseWatchTest {
    private static final long S = TimeUnit.SECONDS.toNanos(1);
    private static final long LEASE = 10 * S;

    private FakeDevice device;
    private Place place;
    private final LeaseWatch watch = new LeaseWatch(LEASE);

    @BeforeEach
    void plug() throws Exception {
        device = new FakeDevice(4 << 20);
        IvshmemHostMembership somebody = device.join(new Recorder());
        place = new Place(somebody.place().region, 1 - somebody.place().number);
    }

    @AfterEach
    void unplug() throws Exception {
        device.close();
    }

    private boolean expiredAt(long nowNs, long owner) {
        watch.begin(nowNs);
        return watch.expired(place, owner, nowNs);
    }

    @Test
    void shouldExpireWhenTheHeartbeatStopsForLongerThanTheLease() {
        for (long t = 0; t <= 10; t++) {
            assertThat(expiredAt(t * S, 1)).as("after %d s", t).isFalse();
        }
        assertThat(expiredAt(11 * S, 1)).isTrue();
    }

    @Test
    void shouldNotExpireWhileTheHeartBeatsOrTheOwnerChanges() {
        for (long t = 0; t <= 40; t += 4) {
            place.beat();
            assertThat(expiredAt(t * S, 1)).isFalse();
        }
        for (long t = 44; t <= 84; t += 4) {
            assertThat(expiredAt(t * S, t)).isFalse();
        }
    }

    @Test
    void shouldBeginAnewWhenItWasStoppedItself() {
        assertThat(expiredAt(0, 1)).isFalse();
        assertThat(expiredAt(3_600 * S, 1)).isFalse();
        assertThat(expiredAt(3_604 * S, 1)).isFalse();
        assertThat(expiredAt(3_608 * S, 1)).isFalse();
        assertThat(expiredAt(3_611 * S, 1)).isTrue();
    }
}
