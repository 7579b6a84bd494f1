package org.xenvmc.shm.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xenvmc.shm.provider.GrantRef;
import org.xenvmc.shm.provider.GrantTable;
import org.xenvmc.shm.provider.GrantTable.Grant;
import org.xenvmc.shm.provider.Mapping;
import org.xenvmc.shm.provider.Member;
import org.xenvmc.shm.provider.ProviderException;
import org.xenvmc.transport.ReasonCode;
import org.xenvmc.transport.VmcContext;

class GrantTest {
    private static final int BYTES = 20_000;

    private TestHost host;
    private FileHostMembership a;
    private FileHostMembership b;
    private Member bSeenByA;

    @BeforeEach
    void open() throws Exception {
        host = new TestHost();
        a = host.join(new VmcContext().budgetBytes(100_000), new RecordingListener(), false);
        b = host.join(new RecordingListener());
        await().until(() -> a.member(2) != null);
        bSeenByA = a.member(2);
    }

    @AfterEach
    void close() throws IOException {
        host.close();
    }

    private Path file(GrantRef ref, int peer) {
        return host.directory.resolve("grants/grant-" + ref.ownerDomId() + "-" + ref.number() + "-" + peer);
    }

    private static void assertRefused(ReasonCode reason, ThrowingCallable call) {
        assertThatExceptionOfType(ProviderException.class).isThrownBy(call).satisfies(e -> assertThat(e.reason())
                .isEqualTo(reason));
    }

    @Test
    void shouldShareZeroedMemoryWhenGranted() throws Exception {
        Grant grant = a.grants().grant(bSeenByA, BYTES);
        Mapping mine = grant.mapping();
        Mapping theirs = b.grants().map(grant.ref());
        assertThat(mine.buffer().capacity()).isEqualTo(BYTES);
        assertThat(theirs.buffer().capacity()).isEqualTo(BYTES);
        assertThat(theirs.buffer().order()).isEqualTo(ByteOrder.nativeOrder());
        for (int i = 0; i < BYTES; i++) {
            assertThat(theirs.buffer().get(i)).isZero();
        }
        mine.buffer().putInt(BYTES - 4, 42);
        theirs.buffer().putInt(0, 43);
        assertThat(theirs.buffer().getInt(BYTES - 4)).isEqualTo(42);
        assertThat(mine.buffer().getInt(0)).isEqualTo(43);
        theirs.unmap();
        grant.revoke();
        assertThat(host.mappings()).noneMatch(m -> m.contains("grant-"));
        assertThat(host.descriptors()).noneMatch(m -> m.contains("grant-"));
    }

    @Test
    void shouldKeepPeersViewWhenRevoked() throws Exception {
        Grant grant = a.grants().grant(bSeenByA, BYTES);
        Mapping theirs = b.grants().map(grant.ref());
        grant.mapping().buffer().putInt(0, 42);
        grant.revoke();
        grant.revoke();
        assertThat(theirs.buffer().getInt(0)).isEqualTo(42);
        assertRefused(ReasonCode.GRANT_FAILED, () -> b.grants().map(grant.ref()));
        theirs.unmap();
        theirs.unmap();
    }

    @Test
    void shouldMapOnlyForNamedPeer() throws Exception {
        FileHostMembership c = host.join(new RecordingListener());
        Grant grant = a.grants().grant(bSeenByA, BYTES);
        assertRefused(ReasonCode.GRANT_FAILED, () -> c.grants().map(grant.ref()));
        assertRefused(ReasonCode.GRANT_FAILED, () -> b.grants().map(new GrantRef(1, 999, BYTES)));
        assertRefused(ReasonCode.GRANT_FAILED, () -> b.grants().map(new GrantRef(9, 1, BYTES)));
        assertRefused(ReasonCode.GRANT_FAILED, () -> b.grants().map(new GrantRef(1, 1, BYTES + 1)));
        assertRefused(ReasonCode.GRANT_FAILED, () -> b.grants().map(new GrantRef(1, 1, -1)));
        b.grants().map(grant.ref()).unmap();
    }

    @Test
    void shouldNotMapWhenFileIsNotWhatItMustBe() throws Exception {
        GrantRef ref = a.grants().grant(bSeenByA, BYTES).ref();
        Path file = file(ref, 2);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
        assertRefused(ReasonCode.GRANT_FAILED, () -> b.grants().map(ref));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        Path link = host.directory.resolve("second-name");
        Files.createLink(link, file);
        assertRefused(ReasonCode.GRANT_FAILED, () -> b.grants().map(ref));
        Files.delete(file);
        Files.createSymbolicLink(file, link);
        assertRefused(ReasonCode.GRANT_FAILED, () -> b.grants().map(ref));
        Files.delete(file);
        try (var sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(BYTES);
        }
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        assertRefused(ReasonCode.GRANT_FAILED, () -> b.grants().map(ref));
        Files.delete(file);
        Files.delete(link);
    }

    @Test
    void shouldKeepToBudgetWhenGranting() throws Exception {
        GrantTable grants = a.grants();
        assertThat(grants.availableBytes()).isEqualTo(100_000);
        Grant one = grants.grant(bSeenByA, 60_000);
        assertThat(grants.availableBytes()).isEqualTo(40_000);
        assertRefused(ReasonCode.BUDGET_EXHAUSTED, () -> grants.grant(bSeenByA, 40_001));
        Grant two = grants.grant(bSeenByA, 40_000);
        one.revoke();
        assertThat(grants.availableBytes()).isEqualTo(60_000);
        two.revoke();
        assertThat(grants.availableBytes()).isEqualTo(100_000);
    }

    @Test
    void shouldRefuseWhenPeerIsGoneOrUnknown() throws Exception {
        b.leave();
        await().until(() -> !bSeenByA.alive());
        assertRefused(ReasonCode.GRANT_FAILED, () -> a.grants().grant(bSeenByA, BYTES));
        assertRefused(ReasonCode.GRANT_FAILED, () -> a.grants().grant(b.selfMember(), BYTES));
    }

    @Test
    void shouldRemoveFilesAndKeepMappingsWhenLeaving() throws Exception {
        Grant grant = a.grants().grant(bSeenByA, BYTES);
        Mapping theirs = b.grants().map(grant.ref());
        a.leave();
        assertThat(host.files()).containsExactly("vm-2");
        grant.mapping().buffer().putInt(0, 7);
        assertThat(theirs.buffer().getInt(0)).isEqualTo(7);
        grant.revoke();
        theirs.unmap();
        assertRefused(ReasonCode.GRANT_FAILED, () -> a.grants().grant(a.selfMember(), BYTES));
        assertThat(a.grants().availableBytes()).isZero();
    }

    @Test
    void shouldWakeSleeperWhenPeerWakesWord() throws Exception {
        Grant grant = a.grants().grant(bSeenByA, BYTES);
        Mapping theirs = b.grants().map(grant.ref());
        AtomicBoolean awake = new AtomicBoolean();
        Thread sleeper = new Thread(() -> {
            while (grant.mapping().buffer().getInt(64) == 0) {
                grant.mapping().awaitWord(64, 0, Long.MAX_VALUE);
            }
            awake.set(true);
        });
        sleeper.start();
        awaitInFutex(sleeper);
        theirs.buffer().putInt(64, 1);
        theirs.wakeWord(64, 1);
        await().untilTrue(awake);
        sleeper.join();
        theirs.unmap();
        grant.revoke();
    }

    @Test
    void shouldReturnWhenWordDiffersOrTimeIsOver() throws Exception {
        Mapping m = a.grants().grant(bSeenByA, BYTES).mapping();
        m.awaitWord(0, 1, Long.MAX_VALUE);
        m.awaitWord(0, 0, 1_000_000);
        m.awaitWord(0, 0, -5);
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> m.awaitWord(BYTES, 0, 0));
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> m.wakeWord(-4, 1));
        m.unmap();
        m.awaitWord(0, 0, Long.MAX_VALUE);
        m.wakeWord(0, 1);
    }

    @Test
    void shouldEndSleepWhenUnmapped() throws Exception {
        for (int i = 0; i < 50; i++) {
            Grant grant = a.grants().grant(bSeenByA, BYTES);
            Thread sleeper = new Thread(() -> grant.mapping().awaitWord(0, 0, Long.MAX_VALUE));
            sleeper.start();
            if (i % 2 == 0) {
                awaitInFutex(sleeper);
            }
            grant.revoke();
            sleeper.join(20_000);
            assertThat(sleeper.isAlive()).isFalse();
        }
        assertThat(host.mappings()).noneMatch(m -> m.contains("grant-"));
    }

    /** The thread is inside awaitWord: it may still be on its way into the kernel. */
    private static void awaitInFutex(Thread thread) {
        await().until(() -> Arrays.stream(thread.getStackTrace())
                .anyMatch(f -> f.getMethodName().equals("syscall")));
    }
}
