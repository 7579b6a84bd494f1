package org.xenvmc.shm.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xenvmc.shm.provider.GrantTable;
import org.xenvmc.shm.provider.HostMembership;
import org.xenvmc.shm.provider.HostProvider.Joining;
import org.xenvmc.shm.provider.ProviderException;
import org.xenvmc.transport.ReasonCode;
import org.xenvmc.transport.VmcContext;

/** A small tmpfs that is filled up; skipped where this user may not mount one. */
class FullFileSystemTest {
    private static final int SIZE_BYTES = 2 << 20;

    private Path mount;
    private boolean mounted;

    @BeforeEach
    void open() throws Exception {
        mount = Files.createTempDirectory("xv-test-");
        mounted = run("mount", "-t", "tmpfs", "-o", "size=" + SIZE_BYTES, "tmpfs", mount.toString());
        assumeThat(mounted).as("a tmpfs can be mounted").isTrue();
    }

    @AfterEach
    void close() throws Exception {
        if (mounted) {
            assertThat(run("umount", mount.toString()))
                    .as("nothing is in use any more")
                    .isTrue();
        }
        Files.delete(mount);
    }

    private static boolean run(String... command) throws Exception {
        try {
            Process p = new ProcessBuilder(command).redirectErrorStream(true).start();
            p.getInputStream().readAllBytes();
            return p.waitFor(10, TimeUnit.SECONDS) && p.exitValue() == 0;
        } catch (IOException e) {
            return false; // no such program
        }
    }

    private HostMembership join() throws ProviderException {
        Joining joining = new Joining(UUID.randomUUID(), mount.resolve("host").toString(), false);
        return new FileHostProvider().join(new VmcContext().conclude(), joining, new RecordingListener());
    }

    private void fill(int leaveBytes) throws IOException {
        long free = mount.toFile().getUsableSpace();
        Files.write(mount.resolve("filler"), new byte[(int) Math.max(0, free - leaveBytes)]);
    }

    @Test
    void shouldRefuseToJoinWhenFull() throws Exception {
        join().leave();
        fill(8192);
        assertThatExceptionOfType(ProviderException.class)
                .isThrownBy(this::join)
                .satisfies(e -> assertThat(e.reason()).isEqualTo(ReasonCode.NO_SPACE))
                .withMessageContaining("no space left");
        assertThat(mount.resolve("host").toFile().list()).containsExactlyInAnyOrder("host", "last-number", "grants");
    }

    @Test
    void shouldRefuseGrantsWhenFullAndGrantAgainWhenNot() throws Exception {
        HostMembership m = join();
        try {
            assertThat(m.grants().availableBytes()).isBetween(1L, SIZE_BYTES / 2L);
            fill(16 * 1024);
            assertThat(m.grants().availableBytes()).isEqualTo(16 * 1024);
            assertThatExceptionOfType(ProviderException.class)
                    .isThrownBy(() -> m.grants().grant(m.selfMember(), 64 * 1024))
                    .satisfies(e -> assertThat(e.reason()).isEqualTo(ReasonCode.NO_SPACE));
            assertThat(mount.resolve("host/grants")).as("no half grant").isDirectoryNotContaining(Files::isRegularFile);
            Files.delete(mount.resolve("filler"));
            GrantTable.Grant grant = m.grants().grant(m.selfMember(), 64 * 1024);
            grant.mapping().buffer().put(64 * 1024 - 1, (byte) 1);
            grant.revoke();
        } finally {
            m.leave();
        }
    }

    @Test
    void shouldKeepToHalfOfFreeSpaceWhenBudgetIsLarger() throws Exception {
        HostMembership m = join();
        try {
            assertThatExceptionOfType(ProviderException.class)
                    .isThrownBy(() -> m.grants().grant(m.selfMember(), SIZE_BYTES / 2))
                    .satisfies(e -> assertThat(e.reason()).isEqualTo(ReasonCode.BUDGET_EXHAUSTED));
        } finally {
            m.leave();
        }
    }
}
