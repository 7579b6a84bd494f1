package org.xenvmc.shm.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xenvmc.shm.provider.GrantRef;
import org.xenvmc.shm.provider.Mapping;
import org.xenvmc.shm.provider.Member;

/** Joining, leaving and dying of processes. */
class LifetimeTest {
    private TestHost host;
    private final RecordingListener listener = new RecordingListener();

    @BeforeEach
    void open() throws IOException {
        host = new TestHost();
    }

    @AfterEach
    void close() throws IOException {
        host.close();
    }

    @Test
    void shouldBeToldWhenProcessJoinsAndLeaves() throws Exception {
        FileHostMembership a = host.join(listener);
        try (ChildVm child = new ChildVm(host.directory)) {
            await().until(() -> listener.joined.equals(List.of(2)));
            assertThat(a.member(2).pid()).isEqualTo(child.pid());
            assertThat(child.ask("leave")).isEqualTo("done");
            await().until(() -> listener.left.equals(List.of(2)));
            assertThat(listener.died).isEmpty();
            assertThat(host.files()).containsExactly("vm-1");
        }
    }

    @Test
    void shouldBeToldAndCleanUpWhenProcessIsKilled() throws Exception {
        FileHostMembership a = host.join(listener);
        try (ChildVm child = new ChildVm(host.directory)) {
            await().until(() -> a.member(2) != null);
            Member member = a.member(2);
            GrantRef ref = child.askForGrant(1, 10_000);
            Mapping mapping = a.grants().map(ref);
            a.grants().grant(member, 5_000);
            assertThat(host.files()).hasSize(4);
            child.kill();
            await().until(() -> listener.died.equals(List.of(2)));
            assertThat(listener.left).isEmpty();
            assertThat(member.alive()).isFalse();
            assertThat(host.files()).containsExactly("vm-1");
            assertThat(mapping.buffer().getInt(0))
                    .as("what it wrote is still there")
                    .isEqualTo(4711);
            mapping.unmap();
        }
        assertThat(host.mappings()).noneMatch(m -> m.contains("vm-2"));
    }

    /** A sweep takes an unfinished entry for one of a dead VM until it is locked. */
    @Test
    void shouldJoinWhileOthersSweepAllTheTime() throws Exception {
        host.join(listener);
        AtomicBoolean ended = new AtomicBoolean();
        ExecutorService sweeper = Executors.newSingleThreadExecutor();
        HostDirectory directory = HostDirectory.open(host.directory.toString());
        try {
            Future<?> swept = sweeper.submit(() -> {
                while (!ended.get()) {
                    new Reaper(directory).sweep();
                }
                return null;
            });
            long epoch = HostFile.readOrCreate(directory).epoch();
            for (int i = 0; i < 1_000; i++) {
                VmIdentity identity = new VmIdentity(
                        UUID.randomUUID(), 1, 0, "", List.of(InetAddress.getLoopbackAddress()), true, epoch);
                OwnEntry.create(directory, identity).remove(directory);
            }
            ended.set(true);
            swept.get(20, TimeUnit.SECONDS);
        } finally {
            ended.set(true);
            sweeper.shutdown();
            directory.close();
        }
    }

    @Test
    void shouldSeeAllDeathsWhenSeveralAreKilledAtOnce() throws Exception {
        FileHostMembership a = host.join(listener);
        RecordingListener other = new RecordingListener();
        host.join(other);
        List<ChildVm> children = new ArrayList<>();
        try {
            for (int i = 0; i < 4; i++) {
                children.add(new ChildVm(host.directory));
            }
            await().until(() -> a.members().size() == 6);
            children.forEach(ChildVm::kill);
            await().until(() -> Set.copyOf(listener.died).equals(Set.of(3, 4, 5, 6)));
            await().until(() -> Set.copyOf(other.died).equals(Set.of(3, 4, 5, 6)));
            assertThat(host.files()).containsExactly("vm-1", "vm-2");
        } finally {
            children.forEach(ChildVm::close);
        }
    }

    @Test
    void shouldSweepWhatDeadOnesLeftWhenJoining() throws Exception {
        try (ChildVm child = new ChildVm(host.directory)) {
            child.askForGrant(1, 4096);
            child.kill();
        }
        Files.createFile(host.directory.resolve(".new-left-over"));
        Files.createFile(host.directory.resolve("grants/grant-77-1-78"));
        Files.createFile(host.directory.resolve("somebody-elses"));
        assertThat(host.files()).contains("vm-1", "grant-1-1-1");
        FileHostMembership a = host.join(listener);
        assertThat(a.self().domId()).isEqualTo(2);
        assertThat(listener.joined).isEmpty();
        assertThat(host.files()).containsExactly("somebody-elses", "vm-2");
    }

    @Test
    void shouldNotGiveNumberAgainWhenItBecameFree() throws Exception {
        FileHostMembership a = host.join(new RecordingListener());
        host.join(listener);
        a.leave();
        await().until(() -> listener.left.equals(List.of(1)));
        assertThat(host.join(new RecordingListener()).self().domId()).isEqualTo(3);
        await().until(() -> listener.joined.equals(List.of(1, 3)));
    }

    @Test
    void shouldSkipNumbersInUseWhenLastNumberIsWrong() throws Exception {
        host.join(new RecordingListener());
        host.join(new RecordingListener());
        Path lastNumber = host.directory.resolve(DomIds.FILE);
        for (byte[] wrong : List.of(new byte[0], new byte[] {-1, -1, -1, -1}, new byte[] {0, 0, 0, 0x7f})) {
            Files.write(lastNumber, wrong);
            int domId = host.join(new RecordingListener()).self().domId();
            assertThat(domId).isBetween(3, 5);
        }
    }

    @Test
    void shouldAgreeWhenManyJoinAtOnce() throws Exception {
        int count = 8;
        CyclicBarrier together = new CyclicBarrier(count);
        ExecutorService threads = Executors.newFixedThreadPool(count);
        try {
            List<Future<FileHostMembership>> joining = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                joining.add(threads.submit(() -> {
                    together.await();
                    return host.join(new RecordingListener());
                }));
            }
            Set<Integer> numbers = new TreeSet<>();
            Set<Long> epochs = new TreeSet<>();
            for (Future<FileHostMembership> f : joining) {
                numbers.add(f.get().self().domId());
                epochs.add(f.get().epoch());
            }
            assertThat(numbers).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
            assertThat(epochs).hasSize(1);
            for (Future<FileHostMembership> f : joining) {
                await().until(() -> f.get().members().size() == count);
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
