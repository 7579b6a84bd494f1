package org.xenvmc.shm.ivshmem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.xenvmc.shm.ivshmem.RegionDescriptor.*;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xenvmc.shm.file.VmEntryDescriptor;
import org.xenvmc.shm.file.VmIdentity;
import org.xenvmc.shm.ivshmem.FakeDevice.Recorder;
import org.xenvmc.shm.provider.GrantRef;
import org.xenvmc.shm.provider.GrantTable.Grant;
import org.xenvmc.shm.provider.HostProvider.Joining;
import org.xenvmc.shm.provider.Mapping;
import org.xenvmc.shm.provider.ProviderException;
import org.xenvmc.transport.ReasonCode;
import org.xenvmc.transport.VmcContext;

/** VMs of one process that share a region through a tree like that of sysfs. */
class IvshmemHostProviderTest {
    private static final int BYTES = 4 << 20;

    private final Recorder first = new Recorder();
    private final Recorder second = new Recorder();

    private FakeDevice device;

    @BeforeEach
    void plug() throws IOException {
        device = new FakeDevice(BYTES);
    }

    @AfterEach
    void unplug() throws IOException {
        System.clearProperty(IvshmemHostProvider.LEASE_PROPERTY);
        System.clearProperty(IvshmemHostProvider.PLACES_PROPERTY);
        device.close();
    }

    private static ByteBuffer text(String s) {
        return ByteBuffer.wrap(s.getBytes(StandardCharsets.UTF_8));
    }

    private static ReasonCode reasonOf(Throwable e) {
        return ((ProviderException) e).reason();
    }

    @Test
    void shouldSayWhyWhenThereIsNoDevice(@TempDir Path empty) {
        Joining joining = new Joining(UUID.randomUUID(), "ivshmem:" + empty, false);
        assertThatThrownBy(() -> new IvshmemHostProvider().join(new VmcContext().conclude(), joining, first))
                .satisfies(e -> assertThat(reasonOf(e)).isEqualTo(ReasonCode.NO_DEVICE))
                .hasMessageContaining(empty.toString());
    }

    @Test
    void shouldEnableTheDeviceAndTakeItByItsOwnDirectoryToo() throws Exception {
        device.join(first);
        assertThat(device.device.resolve("enable")).content().isEqualTo("1");
        assertThat(PciDevice.find(device.device).memory()).isEqualTo(device.memory());
    }

    @Test
    void shouldTellEachOtherWhoJoinsAndLeaves() throws Exception {
        IvshmemHostMembership a = device.join(first);
        IvshmemHostMembership b = device.join(second);
        int idOfA = a.self().domId();
        int idOfB = b.self().domId();
        assertThat(second.joined).as("known before join returns").containsExactly(idOfA);
        await().untilAsserted(() -> assertThat(first.joined).containsExactly(idOfB));
        assertThat(a.epoch()).isEqualTo(b.epoch()).isNotZero();
        b.leave();
        await().untilAsserted(() -> assertThat(first.left).containsExactly(idOfB));
        assertThat(first.died).isEmpty();
        assertThat(a.members()).containsExactly(a.selfMember());
    }

    @Test
    void shouldNotGiveTheNumberOfAVmToTheNextOne() throws Exception {
        System.setProperty(IvshmemHostProvider.PLACES_PROPERTY, "1");
        IvshmemHostMembership a = device.join(first);
        a.leave();
        assertThat(device.join(second).self().domId()).isEqualTo(a.self().domId() + MAX_PLACES);
    }

    @Test
    void shouldDeliverMessagesSignalsAndPorts() throws Exception {
        IvshmemHostMembership a = device.join(first);
        IvshmemHostMembership b = device.join(second);
        b.publishPort(4711, true);
        assertThat(a.selfMember().listensOn(4711)).isFalse();
        await().until(() -> a.member(b.self().domId()) != null);
        assertThat(a.member(b.self().domId()).listensOn(4711)).isTrue();
        assertThat(a.member(b.self().domId()).ports()).containsExactly(4711);
        for (int i = 0; i < 100; i++) {
            assertThat(a.member(b.self().domId()).send(7, text("message " + i))).isTrue();
        }
        a.member(b.self().domId()).signal(3);
        a.member(b.self().domId()).signal(65_535);
        await().untilAsserted(() -> assertThat(second.messages).hasSize(100).endsWith("7:message 99"));
        await().untilAsserted(() -> assertThat(second.signals).contains(3, 65_535));
        assertThat(a.member(b.self().domId()).asleep()).isTrue();
        b.signalPoller().enter();
        assertThat(a.member(b.self().domId()).asleep()).isFalse();
        b.signalPoller().exit();
        assertThat(a.member(b.self().domId()).asleep()).isTrue();
    }

    @Test
    void shouldLendMemoryToThePeerAndUseItAgain() throws Exception {
        IvshmemHostMembership a = device.join(first);
        IvshmemHostMembership b = device.join(second);
        await().until(() -> a.member(b.self().domId()) != null);
        Grant grant = a.grants().grant(a.member(b.self().domId()), 10_000);
        Mapping seen = b.grants().map(grant.ref());
        grant.mapping().buffer().putLong(9_992, 42);
        assertThat(seen.buffer().getLong(9_992)).isEqualTo(42);
        assertThat(seen.buffer().capacity()).isEqualTo(10_000);
        long left = a.grants().availableBytes();
        grant.revoke();
        assertThat(a.grants().availableBytes()).isEqualTo(left + 3 * PAGE);
        Grant next = a.grants().grant(a.member(b.self().domId()), 10_000);
        assertThat(next.ref().number()).isNotEqualTo(grant.ref().number());
        assertThat(next.mapping().buffer().getLong(9_992)).as("zeroed").isZero();
    }

    @Test
    void shouldRefuseWhenThePartOfTheRegionIsUsedUpOrTheReferenceMakesNoSense() throws Exception {
        IvshmemHostMembership a = device.join(first);
        int all = (int) a.grants().availableBytes();
        a.grants().grant(a.selfMember(), all);
        assertThatThrownBy(() -> a.grants().grant(a.selfMember(), 1))
                .satisfies(e -> assertThat(reasonOf(e)).isEqualTo(ReasonCode.BUDGET_EXHAUSTED));
        int self = a.self().domId();
        for (GrantRef bad : List.of(
                new GrantRef(self, -1, 4096),
                new GrantRef(self, 0, 0),
                new GrantRef(self, 0, -5),
                new GrantRef(self, 0xffff, 4096),
                new GrantRef(self, 1, all),
                new GrantRef(self, 0, Integer.MAX_VALUE),
                new GrantRef(self + 1, 0, 4096))) {
            assertThatThrownBy(() -> a.grants().map(bad)).as(bad.toString()).satisfies(e -> assertThat(reasonOf(e))
                    .isEqualTo(ReasonCode.GRANT_FAILED));
        }
    }

    @Test
    void shouldDeclareDeadWhoseHeartStopped() throws Exception {
        System.setProperty(IvshmemHostProvider.LEASE_PROPERTY, "150");
        IvshmemHostMembership a = device.join(first);
        int zombie = placeZombie(a, 1);
        await().untilAsserted(() -> assertThat(first.joined).containsExactly(zombie));
        await().untilAsserted(() -> assertThat(first.died).containsExactly(zombie));
        assertThat(new Place(a.place().region, 1).owner())
                .as("owner of its place")
                .isZero();
        assertThat(first.lost).isEmpty();
    }

    /** A VM that says what a VM says, and has no heart. */
    private static int placeZombie(IvshmemHostMembership a, int number) {
        Place place = new Place(a.place().region, number);
        assertThat(place.take(0, 4711)).isTrue();
        new VmIdentity(
                        UUID.randomUUID(),
                        1,
                        1,
                        "",
                        List.of(java.net.InetAddress.getLoopbackAddress()),
                        false,
                        a.epoch())
                .write(place.memory);
        return domId(number, place.generation());
    }

    @Test
    void shouldRefuseWhenAllPlacesAreTakenUntilOneIsFree() throws Exception {
        System.setProperty(IvshmemHostProvider.PLACES_PROPERTY, "2");
        device.join(first);
        IvshmemHostMembership b = device.join(second);
        assertThatThrownBy(() -> device.join(new Recorder()))
                .satisfies(e -> assertThat(reasonOf(e)).isEqualTo(ReasonCode.REGION_FULL));
        b.leave();
        assertThat(device.join(second).self().domId()).isNotEqualTo(b.self().domId());
    }

    @Test
    void shouldTakeThePlacesOfTheDeadWhenNobodyIsLeft() throws Exception {
        System.setProperty(IvshmemHostProvider.PLACES_PROPERTY, "2");
        System.setProperty(IvshmemHostProvider.LEASE_PROPERTY, "150");
        IvshmemHostMembership a = device.join(first);
        placeZombie(a, 1 - a.place().number);
        // its own place, too, is one of a VM that died: as if its thread had stopped at this moment
        assertThat(LONG.compareAndSet(a.place().memory, OWNER_OFFSET, a.place().owner(), 4712L))
                .isTrue();
        await().untilAsserted(() -> assertThat(first.lost).isNotEmpty());
        IvshmemHostProvider provider = new IvshmemHostProvider();
        assertThatThrownBy(() -> device.join(provider, second)).isInstanceOf(ProviderException.class);
        await().ignoreExceptions().until(() -> device.join(provider, second) != null);
    }

    @Test
    void shouldSayThatTheMemoryIsLostWhenItIsZeroed() throws Exception {
        IvshmemHostMembership a = device.join(first);
        Grant grant = a.grants().grant(a.selfMember(), 4096);
        assertThat(grant.mapping().present()).isTrue();
        device.zero();
        assertThat(grant.mapping().present()).isFalse();
        await().untilAsserted(() -> assertThat(first.lost).containsExactly(ReasonCode.MEMORY_WITHDRAWN));
        a.leave();
        assertThat(device.raw().getLong(placeOffset(a.place().number, PLACE_BYTES_LEAST) + OWNER_OFFSET))
                .as("nothing is written by one who left")
                .isZero();
        IvshmemHostMembership again = device.join(second);
        assertThat(again.epoch()).as("a new life of the host").isNotEqualTo(a.epoch());
    }

    @Test
    void shouldLeaveWhenItsPlaceWasGivenToAnother() throws Exception {
        IvshmemHostMembership a = device.join(first);
        assertThat(LONG.compareAndSet(a.place().memory, OWNER_OFFSET, a.place().owner(), 99L))
                .isTrue();
        await().untilAsserted(() -> assertThat(first.lost).containsExactly(ReasonCode.MEMORY_WITHDRAWN));
        int place = a.place().number;
        int bytes = a.place().region.place(1) - a.place().region.place(0);
        a.leave();
        assertThat(device.raw().getLong(placeOffset(place, bytes) + OWNER_OFFSET))
                .as("the other's place")
                .isEqualTo(99);
    }

    @Test
    void shouldRefuseAHeaderThatMakesNoSense() throws Exception {
        device.raw().putLong(MAGIC_OFFSET, 1);
        assertThatThrownBy(() -> device.join(first))
                .satisfies(e -> assertThat(reasonOf(e)).isEqualTo(ReasonCode.GRANT_FAILED));
        device.zero();
        device.join(first).leave();
        int[][] nonsense = {
            {VERSION_OFFSET, 2},
            {PLACES_OFFSET, 0},
            {PLACES_OFFSET, -1},
            {PLACES_OFFSET, 1 << 30},
            {REGION_BYTES_OFFSET, 1},
            {PLACE_BYTES_OFFSET, 4096},
            {PLACE_BYTES_OFFSET, -4096},
            {PLACE_BYTES_OFFSET, 1 << 30}
        };
        for (int[] n : nonsense) {
            ByteBuffer raw = device.raw();
            int right = raw.getInt(n[0]);
            raw.putInt(n[0], n[1]);
            assertThatThrownBy(() -> device.join(first)).isInstanceOf(ProviderException.class);
            raw.putInt(n[0], right);
        }
        device.join(first);
    }

    @Test
    void shouldFormatAnewWhenWhoFormatsDied() throws Exception {
        device.raw().putLong(FORMATTER_OFFSET, 17);
        assertThat(device.join(first).epoch()).isNotZero();
    }

    @Test
    void shouldSurviveGarbageEverywhereInItsPlace() throws Exception {
        long seed = Long.getLong("xenvmc.test.seed", new Random().nextInt(Integer.MAX_VALUE));
        System.out.println("garbage in the region: -Dxenvmc.test.seed=" + seed);
        Random random = new Random(seed);
        IvshmemHostMembership a = device.join(first);
        IvshmemHostMembership b = device.join(second);
        await().until(() -> a.member(b.self().domId()) != null);
        ByteBuffer hostile = b.place().memory;
        for (int i = 0; i < 20_000; i++) {
            int offset = random.nextInt(VmEntryDescriptor.ENTRY_BYTES / 8) * 8;
            hostile.putLong(offset, random.nextBoolean() ? random.nextLong() : random.nextInt(64) - 8);
            if (i % 100 == 0) {
                b.member(a.self().domId()).send(1, text("x"));
                a.selfMember().send(1, text("y"));
            }
        }
        int before = first.messages.size();
        await().until(() -> a.selfMember().send(1, text("last")));
        await().untilAsserted(() -> assertThat(first.messages.size()).isGreaterThan(before));
        assertThat(first.lost).isEmpty();
        assertThat(a.members()).contains(a.selfMember());
    }

    @Test
    void shouldIgnoreAVmThatSaysNothingSensible() throws Exception {
        IvshmemHostMembership a = device.join(first);
        Place place = new Place(a.place().region, 1);
        place.take(0, 4711);
        LONG.setVolatile(place.memory, VmEntryDescriptor.MAGIC_OFFSET, VmEntryDescriptor.MAGIC);
        ScheduledExecutorService heart = Executors.newSingleThreadScheduledExecutor();
        try {
            heart.scheduleAtFixedRate(place::beat, 0, 1, TimeUnit.MILLISECONDS);
            a.selfMember().send(1, text("turn"));
            await().untilAsserted(() -> assertThat(first.messages).contains("1:turn"));
            assertThat(first.joined).isEmpty();
            assertThat(a.members()).containsExactly(a.selfMember());
        } finally {
            heart.shutdownNow();
        }
    }

    @Test
    void shouldHardlyLookWhenNothingHappens() throws Exception {
        IvshmemHostMembership a = device.join(first);
        long[] last = {a.looks()};
        await().pollInterval(500, TimeUnit.MILLISECONDS).untilAsserted(() -> {
            long looks = a.looks();
            long since = looks - last[0];
            last[0] = looks;
            assertThat(since).as("looks in about half a second").isLessThan(20);
        });
    }

    @Test
    void shouldLeaveNothingMapped() throws Exception {
        IvshmemHostMembership a = device.join(first);
        a.leave();
        assertThat(Files.readString(Path.of("/proc/self/maps"))).doesNotContain(device.memory() + "\n");
    }
}
