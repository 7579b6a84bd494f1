package org.xenvmc.migration.qmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.migration.qmp.ScriptedQemu.Refusal;

/** The client against a server that speaks QMP. */
class QmpClientTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    private Path dir;

    private ScriptedQemu qemu;

    @BeforeEach
    void start() throws IOException {
        qemu = new ScriptedQemu(dir.resolve("qmp"));
    }

    @AfterEach
    void stop() throws IOException {
        qemu.close();
    }

    @Test
    void shouldNegotiateAndCarryOutCommands() throws Exception {
        qemu.on("query-status", a -> JsonObject.parse("{\"status\":\"running\",\"running\":true}"));
        qemu.on("query-chardev", a -> List.of(new JsonObject().put("label", "a"), new JsonObject().put("label", "b")));
        try (QemuMachine machine = QemuMachine.connect(qemu.path(), LIMIT)) {
            assertThat(machine.qmp().version()).isEqualTo("7.2.22");
            assertThat(machine.runState()).isEqualTo("running");
            assertThat(machine.qmp().executeList("query-chardev", new JsonObject()))
                    .hasSize(2);
            assertThat(machine.qmp().execute("query-chardev", new JsonObject())).hasToString("{}");
            assertThat(qemu.commands)
                    .containsExactly("qmp_capabilities", "query-status", "query-chardev", "query-chardev");
        }
    }

    @Test
    void shouldSayWhatQemuRefused() throws Exception {
        qemu.on("migrate", a -> {
            throw new Refusal("State blocked by non-migratable device '0000:00:02.0/ivshmem'");
        });
        try (QemuMachine machine = QemuMachine.connect(qemu.path(), LIMIT)) {
            QmpException refused = catchThrowableOfType(QmpException.class, () -> machine.migrate("unix:/there"));

            assertThat(refused)
                    .hasMessage("QEMU refused 'migrate': "
                            + "State blocked by non-migratable device '0000:00:02.0/ivshmem'");
            assertThat(refused.errorClass()).isEqualTo("GenericError");
            assertThatThrownBy(machine::runState)
                    .isInstanceOf(QmpException.class)
                    .hasMessageContaining("not been found");
        }
    }

    @Test
    void shouldTellEventsToListenersInOrder() throws Exception {
        List<QmpEvent> events = new CopyOnWriteArrayList<>();
        try (QmpClient client = QmpClient.connect(qemu.path(), LIMIT);
                QmpClient.EventWait resume = client.expect(e -> e.name().equals("RESUME"))) {
            client.addListener(e -> {
                throw new IllegalStateException("a listener that fails");
            });
            client.addListener(events::add);

            qemu.event("MIGRATION", new JsonObject().put("status", "active"));
            qemu.event("MIGRATION_PASS", new JsonObject().put("pass", 2));
            qemu.event("STOP", null);
            qemu.event("RESUME", null);

            assertThat(resume.await(LIMIT).timeMs()).isEqualTo(1_700_000_000_123L);
            assertThat(events).extracting(QmpEvent::name).startsWith("MIGRATION", "MIGRATION_PASS", "STOP");
            assertThat(events.get(1).data().number("pass")).isEqualTo(2);
        }
    }

    @Test
    void shouldWaitUntilTheGuestHasLetADeviceGo() throws Exception {
        qemu.on("device_del", a -> {
            qemu.event("DEVICE_DELETED", new JsonObject().put("path", "/machine/peripheral/x"));
            qemu.event("DEVICE_DELETED", new JsonObject().put("device", "other"));
            qemu.event("DEVICE_DELETED", new JsonObject().put("device", a.text("id")));
            return null;
        });
        try (QemuMachine machine = QemuMachine.connect(qemu.path(), LIMIT)) {
            machine.unplug("ivs0", LIMIT);

            assertThat(qemu.commands).endsWith("device_del {\"id\":\"ivs0\"}");
        }
    }

    @Test
    void shouldSayThatTheGuestDoesNotLetADeviceGo() throws Exception {
        qemu.on("device_del", a -> null);
        try (QemuMachine machine = QemuMachine.connect(qemu.path(), LIMIT)) {
            assertThatThrownBy(() -> machine.unplug("ivs0", Duration.ofMillis(20)))
                    .hasMessageContaining("did not let device ivs0 go");
        }
    }

    @Test
    void shouldReadEveryStateOfAMigration() throws Exception {
        try (QemuMachine machine = QemuMachine.connect(qemu.path(), LIMIT)) {
            qemu.on("query-migrate", a -> new JsonObject());
            assertThat(machine.migration().status()).isEqualTo("none");
            qemu.on(
                    "query-migrate",
                    a -> JsonObject.parse("{\"status\":\"completed\",\"total-time\":6675,\"downtime\":118,\"ram\":"
                            + "{\"total\":554999808,\"remaining\":0,\"transferred\":226000000,\"normal\":54842,"
                            + "\"duplicate\":80000,\"dirty-sync-count\":3,\"dirty-pages-rate\":17,\"mbps\":268.5}}"));
            MigrationStatus status = machine.migration();
            assertThat(status.completed() && status.ended() && !status.paused()).isTrue();
            assertThat(status)
                    .isEqualTo(new MigrationStatus(
                            "completed", "", 6675, 118, 226000000, 0, 554999808, 54842, 80000, 3, 17, 268.5e6 / 8));
            qemu.on("query-migrate", a -> JsonObject.parse("{\"status\":\"failed\",\"error-desc\":\"no route\"}"));
            assertThat(machine.migration().error()).isEqualTo("no route");
            assertThat(machine.migration().ended()).isTrue();
        }
    }

    @Test
    void shouldEndEveryWaitWhenQemuDies() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        qemu.on("query-status", a -> {
            asked.countDown();
            try {
                qemu.die();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            return null;
        });
        try (QemuMachine machine = QemuMachine.connect(qemu.path(), LIMIT);
                QmpClient.EventWait never = machine.qmp().expect(e -> false)) {
            assertThatThrownBy(machine::runState)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("gone");
            assertThat(asked.await(1, TimeUnit.SECONDS)).isTrue();
            assertThatThrownBy(() -> never.await(LIMIT)).hasMessageContaining("gone");
            assertThatThrownBy(machine::runState).hasMessageContaining("gone");
        }
    }

    @Test
    void shouldEndTheWaitOfAnInterruptedThread() throws Exception {
        try (QmpClient client = QmpClient.connect(qemu.path(), LIMIT);
                QmpClient.EventWait never = client.expect(e -> false)) {
            Thread.currentThread().interrupt();

            assertThatThrownBy(() -> never.await(LIMIT)).isInstanceOf(InterruptedIOException.class);

            assertThat(Thread.interrupted()).isTrue();
        }
    }

    /** Who is interrupted in the middle of a migration rolls back over the same line. */
    @Test
    void shouldStayConnectedWhenAnInterruptedThreadGivesACommand() throws Exception {
        qemu.on("migrate_cancel", a -> null);
        try (QmpClient client = QmpClient.connect(qemu.path(), LIMIT)) {
            Thread.currentThread().interrupt();
            try {
                client.execute("migrate_cancel", new JsonObject());
            } catch (InterruptedIOException e) {
                assertThat(e).hasMessageContaining("waiting"); // the answer was not there yet
            }
            assertThat(Thread.interrupted()).isTrue();

            assertThat(client.execute("migrate_cancel", new JsonObject()).has("error"))
                    .isFalse();
        }
    }

    @Test
    void shouldSayThatAnotherClientHasTheMonitor() throws Exception {
        try (QmpClient first = QmpClient.connect(qemu.path(), LIMIT)) {
            assertThatThrownBy(() -> QmpClient.connect(qemu.path(), Duration.ofMillis(50)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("another client");
            assertThat(first.version()).isEqualTo("7.2.22");
        }
    }

    @Test
    void shouldNotTakeAnotherServiceForQemu() throws Exception {
        Path path = dir.resolve("other");
        try (ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            other.bind(UnixDomainSocketAddress.of(path));
            Thread server = new Thread(() -> {
                try (SocketChannel channel = other.accept()) {
                    channel.write(ByteBuffer.wrap("SSH-2.0-OpenSSH_9.2\r\n".getBytes()));
                    channel.read(ByteBuffer.allocate(1));
                } catch (IOException e) {
                    // the client left
                }
            });
            server.start();

            assertThatThrownBy(() -> QmpClient.connect(path, LIMIT)).hasMessageContaining("not a JSON object");

            server.join();
        }
    }
}
