package org.xenvmc.migration.hook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xenvmc.migration.MigrationHook.Answer;
import org.xenvmc.migration.MigrationMode;
import org.xenvmc.migration.MigrationNotice;
import org.xenvmc.migration.MigrationPhase;
import org.xenvmc.migration.json.JsonObject;

/** Both ends of the control line, over a socket and over a character device. */
class ControlLineTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final MigrationNotice NOTICE =
            new MigrationNotice("m1", null, MigrationMode.KEEP, Duration.ofMillis(4321));

    @TempDir
    private Path dir;

    private final RecordingHook vm = new RecordingHook();

    @Test
    void shouldCarryEveryCallAndItsAnswerOverASocket() throws Exception {
        try (ControlSocket socket = ControlSocket.listen(dir.resolve("guests"), "7", vm);
                RemoteHook host = RemoteHook.connect(socket.path(), LIMIT)) {
            Answer prepared = host.prepare(NOTICE);
            Answer finished = host.finish("m1");
            Answer resumed = host.resumed("m1", "/dev/shm/there");
            host.resumed("m1", null);
            host.aborted("m1");

            assertThat(prepared).isEqualTo(new Answer(true, MigrationPhase.PRE_COPY, null, ""));
            assertThat(finished).isEqualTo(new Answer(true, MigrationPhase.AWAY, RecordingHook.REPORT, ""));
            assertThat(resumed.accepted()).isTrue();
            vm.await("prepare KEEP 4321 null", "finish", "resumed /dev/shm/there", "resumed null", "aborted");
            assertThat(vm.ids).containsExactly("m1");
        }
        assertThat(dir.resolve("guests")).isEmptyDirectory();
    }

    @Test
    void shouldLetOnlyTheOwnerReachTheSocket() throws Exception {
        try (ControlSocket socket = ControlSocket.listen(dir.resolve("guests"), "7", vm)) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket.path())))
                    .isEqualTo("rw-------");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(dir.resolve("guests"))))
                    .isEqualTo("rwx------");
        }
    }

    @Test
    void shouldTellWhyTheVmRefused() throws Exception {
        vm.refused.add("finish");
        try (ControlSocket socket = ControlSocket.listen(dir, "7", vm);
                RemoteHook host = RemoteHook.connect(socket.path(), LIMIT)) {
            Answer answer = host.finish("m1");

            assertThat(answer).isEqualTo(new Answer(false, MigrationPhase.PRE_COPY, null, "I will not finish"));
        }
    }

    @Test
    void shouldAnswerForAVmThatIsGone() throws Exception {
        ControlSocket socket = ControlSocket.listen(dir, "7", vm);
        try (RemoteHook host = RemoteHook.connect(socket.path(), LIMIT)) {
            socket.close();

            Answer answer = host.prepare(NOTICE);

            assertThat(answer.accepted()).isFalse();
            assertThat(answer.detail()).contains("gone");
        }
    }

    @Test
    void shouldSayThatNobodyListens() {
        Path path = dir.resolve("nobody");

        assertThatThrownBy(() -> RemoteHook.connect(path, Duration.ofMillis(30)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(path.toString());
    }

    @Test
    void shouldSayThatNobodyAnswers() throws Exception {
        Path path = dir.resolve("silent");
        try (ServerSocketChannel silent = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            silent.bind(UnixDomainSocketAddress.of(path));

            assertThatThrownBy(() -> RemoteHook.connect(path, Duration.ofMillis(300)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("no VM answers on " + path);
        }
    }

    @Test
    void shouldServeACharacterDevice() {
        try (Pty pty = new Pty();
                ControlPort port = ControlPort.watch(pty.device(), vm)) {
            pty.write("{\"seq\":5,\"call\":\"hello\"}\n");
            String hello = pty.readLine();
            pty.write("{\"seq\":6,\"call\":\"prepare\",\"id\":\"m2\",\"mode\":\"early\"}\n{\"seq\":7,");
            String prepared = pty.readLine();
            pty.write("\"call\":\"finish\",\"id\":\"m2\"}\n");
            String finished = pty.readLine();

            assertThat(hello).contains("\"accepted\":true", "\"version\":1", "\"seq\":5");
            assertThat(prepared).contains("\"accepted\":true", "\"phase\":\"PRE_COPY\"", "\"seq\":6");
            assertThat(finished).contains("\"moved\":2", "\"lost\":1", "\"seq\":7");
            vm.await("prepare EARLY 10000 null", "finish");
            assertThat(port.name()).contains(pty.device().toString());
        }
    }

    @Test
    void shouldRefuseWhatIsNoCallAndGoOn() throws Exception {
        try (ControlSocket socket = ControlSocket.listen(dir, "7", vm);
                SocketChannel host = SocketChannel.open(UnixDomainSocketAddress.of(socket.path()))) {
            assertThat(ask(host, "rubbish").text("detail")).contains("expected a value");
            assertThat(ask(host, "[1]").text("detail")).contains("expected a JSON object");
            assertThat(ask(host, "{\"call\":\"hello\"}").text("detail")).contains("'seq'");
            assertThat(ask(host, "{\"seq\":1}").text("detail")).contains("'call'");
            assertThat(ask(host, "{\"seq\":1,\"call\":\"dance\",\"id\":\"x\"}").text("detail"))
                    .contains("'dance'");
            assertThat(ask(host, "{\"seq\":1,\"call\":\"prepare\",\"id\":\"\"}").text("detail"))
                    .contains("an id");
            assertThat(ask(host, "{\"seq\":1,\"call\":\"prepare\",\"id\":\"x\",\"mode\":\"later\"}")
                            .text("detail"))
                    .contains("'later'");
            assertThat(ask(host, "{\"seq\":1,\"call\":\"prepare\",\"id\":\"x\",\"limitMs\":0}")
                            .text("detail"))
                    .contains("limitMs 0");
            assertThat(ask(host, "x".repeat(HookMessages.MAX_LINE_BYTES + 1)).text("detail"))
                    .contains("65536 bytes");
            assertThat(vm.calls).isEmpty();
            assertThat(ask(host, "\r\n\n{\"seq\":3,\"call\":\"finish\",\"id\":\"x\"}\r")
                            .flag("accepted"))
                    .isTrue();
        }
    }

    private static JsonObject ask(SocketChannel host, String line) throws IOException {
        ByteBuffer out = ByteBuffer.wrap((line + "\n").getBytes());
        while (out.hasRemaining()) {
            host.write(out);
        }
        StringBuilder answer = new StringBuilder();
        ByteBuffer one = ByteBuffer.allocate(1);
        while (host.read(one.clear()) == 1 && one.get(0) != '\n') {
            answer.append((char) one.get(0));
        }
        return JsonObject.parse(answer.toString());
    }

    @Test
    void shouldFindThePortByItsName() throws Exception {
        Path ports = dir.resolve("virtio-ports");
        Files.createDirectories(ports.resolve("vport1p1"));
        Files.createDirectories(ports.resolve("vport1p2"));
        Files.writeString(ports.resolve("vport1p1/name"), "org.qemu.guest_agent.0\n");
        Files.writeString(ports.resolve("vport1p2/name"), ControlPort.PORT_NAME + "\n");

        assertThat(ControlPort.find(ports, Path.of("/dev"), ControlPort.PORT_NAME))
                .isEqualTo(Path.of("/dev/vport1p2"));
        assertThatThrownBy(() -> ControlPort.find(ports, Path.of("/dev"), "org.other"))
                .hasMessageContaining("there is no virtio-serial port org.other");
        assertThatThrownBy(() -> ControlPort.find(dir.resolve("none"), Path.of("/dev"), ControlPort.PORT_NAME))
                .hasMessageContaining("virtserialport");
    }
}
