package org.xenvmc.migration.hook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xenvmc.migration.MigrationMode;
import org.xenvmc.migration.MigrationNotice;
import org.xenvmc.migration.MigrationPhase;
import org.xenvmc.migration.world.HostDirectory;
import org.xenvmc.migration.world.Vm;

/** The configuration of sources, and a real VM that is told through one. */
class SourcesTest {
    @TempDir
    private Path dir;

    private final RecordingHook hook = new RecordingHook();

    @Test
    void shouldStartWhatIsConfigured() throws Exception {
        List<MigrationSource> sources = MigrationSources.start(
                "socket:" + dir + ", google:http://127.0.0.1:1,azure:http://127.0.0.1:1,identity:" + dir
                        + "/id,,control",
                hook);
        try {
            assertThat(sources).hasSize(5);
            assertThat(sources.get(0).name()).startsWith("socket " + dir);
        } finally {
            sources.forEach(MigrationSource::close);
        }
    }

    @Test
    void shouldSayWhatIsNoSourceAndStartNone() {
        assertThatThrownBy(() -> MigrationSources.start("socket:" + dir + ",postcard", hook))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'postcard' is no source; known are control[:DEVICE]");
        assertThatThrownBy(() -> MigrationSources.start("socket", hook)).hasMessageContaining("lacks its path");
        assertThat(dir).isEmptyDirectory();
    }

    @Test
    void shouldNoticeAMoveThatNobodyAnnounced() throws Exception {
        Path file = dir.resolve("identity");
        Files.writeString(file, "host-1");
        try (IdentityWatch watch = IdentityWatch.watch(file, Duration.ofMillis(2), hook)) {
            // written until it was noticed: the watcher may see the first content only now
            Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> {
                Files.writeString(file, Files.readString(file).strip() + "x");
                return !hook.calls.isEmpty();
            });
            Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> hook.calls.size() >= 3);
            assertThat(hook.calls.subList(0, 3)).containsExactly("prepare EARLY 10000 null", "finish", "resumed null");
            assertThat(watch.name()).contains("identity");
        }
    }

    @Test
    void shouldTakeARealVmOffItsHostAndBack() throws Exception {
        Path guests = dir.resolve("guests");
        try (HostDirectory host = HostDirectory.create();
                Vm vm = Vm.on(host, c -> c.migrationSources("socket:" + guests));
                Vm peer = Vm.on(host);
                ServerSocketChannel listener = peer.provider().openServerSocketChannel()) {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            try (SocketChannel near = vm.provider().openSocketChannel()) {
                near.connect(listener.getLocalAddress());
                try (SocketChannel far = listener.accept()) {
                    awaitPath(vm, near, far, "SHARED_MEMORY");
                    move(vm, near, far, guests);
                    awaitPath(vm, near, far, "SHARED_MEMORY");
                }
            }
        }
        assertThat(guests).isEmptyDirectory();
    }

    private static void move(Vm vm, SocketChannel near, SocketChannel far, Path guests) throws Exception {
        Path socket = guests.resolve(ProcessHandle.current().pid() + ControlSocket.SUFFIX);
        try (RemoteHook remote = RemoteHook.connect(socket, Duration.ofSeconds(10))) {
            MigrationNotice notice = new MigrationNotice("m1", null, MigrationMode.KEEP, Duration.ofSeconds(10));
            assertThat(remote.prepare(notice).accepted()).isTrue();
            exchange(near, far);
            assertThat(vm.info(near).sending().path()).hasToString("SHARED_MEMORY");
            var finished = remote.finish("m1");
            assertThat(finished.accepted()).as("%s", finished).isTrue();
            assertThat(finished.phase()).isEqualTo(MigrationPhase.AWAY);
            assertThat(finished.report().moved()).isEqualTo(1);
            assertThat(vm.engine().hostStatus().joined()).isFalse();
            exchange(near, far);
            assertThat(remote.finish("m1").accepted()).isFalse();
            assertThat(remote.resumed("m1", null).accepted()).isTrue();
        }
    }

    private static void awaitPath(Vm vm, SocketChannel near, SocketChannel far, String path) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .untilAsserted(() -> {
                    exchange(near, far);
                    assertThat(vm.info(near).sending().path()).hasToString(path);
                });
    }

    private static void exchange(SocketChannel near, SocketChannel far) throws Exception {
        near.write(ByteBuffer.wrap(new byte[] {42}));
        ByteBuffer one = ByteBuffer.allocate(1);
        assertThat(far.read(one)).isEqualTo(1);
        far.write(one.flip());
        assertThat(near.read(ByteBuffer.allocate(1))).isEqualTo(1);
    }
}
