package org.xenvmc.migration.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xenvmc.migration.MigrationMode;
import org.xenvmc.migration.MigrationNotice;
import org.xenvmc.migration.hook.RemoteHook;
import org.xenvmc.migration.journal.Journal;
import org.xenvmc.migration.journal.JournalEvent;
import org.xenvmc.migration.journal.JournalReader;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.migration.world.HostDirectory;
import org.xenvmc.migration.world.Vm;
import org.xenvmc.transport.VmcContext;
import picocli.CommandLine;

/** The agent beside real VMs. */
@Tag("journal")
@SuppressWarnings("try") // VMs are there to be found
class AgentTest {
    @TempDir
    private Path dir;

    private final HostDirectory host = HostDirectory.create();

    @AfterEach
    void close() {
        host.close();
    }

    private Agent start() throws IOException {
        return new Agent(new Agent.Settings(
                new VmcContext().hostDirectory(host.name()),
                null,
                dir.resolve("journal"),
                Journal.MIN_MAX_BYTES,
                dir.resolve("guests"),
                "",
                dir.resolve("agent"),
                Duration.ofMillis(10)));
    }

    private List<JournalEvent> events(String kind) throws IOException {
        List<JournalEvent> found = new ArrayList<>();
        try (JournalReader reader = JournalReader.open(dir.resolve("journal"))) {
            for (Optional<JournalEvent> e = reader.next(); e.isPresent(); e = reader.next()) {
                if (e.get().kind().equals(kind)) {
                    found.add(e.get());
                }
            }
        }
        return found;
    }

    private static ConditionFactory soon() {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(20));
    }

    /** Has it join its host, which it would do with its first connection. */
    private String uuid(Vm vm) throws IOException {
        if (!vm.engine().hostStatus().joined()) {
            vm.engine().joinHost(host.name());
        }
        return vm.engine().hostStatus().vms().stream()
                .filter(e -> e.id().equals(vm.engine().hostStatus().self()))
                .findFirst()
                .orElseThrow()
                .uuid();
    }

    @Test
    void shouldWriteDownWhoComesAndGoesAndPublishWhoIsThere() throws Exception {
        try (Agent agent = start()) {
            String uuid;
            try (Vm vm = Vm.on(host)) {
                uuid = uuid(vm);
                soon().until(() -> events(Events.VM_JOINED).size() == 1);
                soon().until(() ->
                        Files.readString(dir.resolve("journal/state.json")).contains(uuid));
            }
            soon().until(() -> events(Events.VM_LEFT).size() == 1);
            JsonObject left = events(Events.VM_LEFT).get(0).data();
            assertThat(left.text("uuid")).isEqualTo(uuid);
            assertThat(left.text("how")).isEqualTo("left");
            soon().until(() ->
                    !Files.readString(dir.resolve("journal/state.json")).contains(uuid));
            assertThat(events(Events.EPOCH)).hasSize(1);
            assertThat(agent.sources()).hasSize(1);
        }
    }

    @Test
    void shouldCatchUpWithWhatHappenedWithoutIt() throws Exception {
        try (Vm stays = Vm.on(host);
                Vm comes = Vm.on(host)) {
            String gone;
            try (Vm goes = Vm.on(host)) {
                gone = uuid(goes);
                uuid(stays);
                try (Agent agent = start()) {
                    soon().until(() -> events(Events.VM_JOINED).size() == 2);
                    assertThat(agent.sources()).isNotEmpty();
                }
            }
            String came = uuid(comes); // joins only now
            try (Agent agent = start()) {
                soon().until(() -> events(Events.VM_JOINED).size() == 3);
                assertThat(events(Events.VM_JOINED).get(2).data().text("uuid")).isEqualTo(came);
                assertThat(events(Events.VM_LEFT)).hasSize(1);
                assertThat(events(Events.VM_LEFT).get(0).data().text("uuid")).isEqualTo(gone);
                assertThat(events(Events.VM_LEFT).get(0).data().text("how")).contains("no agent");
                assertThat(events(Events.EPOCH)).hasSize(1);
                assertThat(events(Events.AGENT_STARTED).get(1).data().flag("lastOneStopped"))
                        .isTrue();
                assertThat(agent.sources()).isNotEmpty();
            }
        }
    }

    @Test
    void shouldTellItsVmsAndWriteDownSwitchesWithTheirPositions() throws Exception {
        try (Agent agent = start();
                Vm vm = Vm.on(host, c -> c.migrationSources("socket:" + dir.resolve("guests")));
                Vm peer = Vm.on(host);
                ServerSocketChannel listener = peer.provider().openServerSocketChannel()) {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            try (SocketChannel near = vm.provider().openSocketChannel()) {
                near.connect(listener.getLocalAddress());
                try (SocketChannel far = listener.accept()) {
                    soon().until(() -> {
                        exchange(near, far);
                        return vm.info(near).sending().path().toString().equals("SHARED_MEMORY");
                    });
                    soon().until(() -> !events(Events.SWITCH).isEmpty());
                    migrate();
                    exchange(near, far);
                    assertThat(agent.sources()).hasSize(1);
                }
            }
        }
        assertThat(events(Events.SWITCH))
                .isNotEmpty()
                .allMatch(e -> e.data().has("position") || e.data().has("until"));
        assertThat(events(Events.HOOK))
                .extracting(e -> e.data().text("call") + e.data().flag("accepted"))
                .containsExactly("preparetrue", "finishtrue", "resumedtrue");
        assertThat(run("events", "--journal", dir.resolve("journal").toString()))
                .contains("vm-joined", "at byte", "resumed of m1 accepted", "agent-stopped");
        assertThat(run("events", "--json", "--kind", "hook", "--since", "1h", "--journal", dir.resolve("journal") + ""))
                .hasLineCount(3)
                .contains("\"call\":\"finish\"");
    }

    private void migrate() throws IOException {
        try (RemoteHook agent = RemoteHook.connect(dir.resolve("agent/agent.control"), Duration.ofSeconds(10))) {
            MigrationNotice notice = new MigrationNotice("m1", null, MigrationMode.KEEP, Duration.ofSeconds(10));
            assertThat(agent.prepare(notice).accepted()).isTrue();
            assertThat(agent.finish("m1").report().moved()).isEqualTo(1);
            assertThat(agent.resumed("m1", null).accepted()).isTrue();
        }
    }

    private static void exchange(SocketChannel near, SocketChannel far) throws IOException {
        near.write(ByteBuffer.wrap(new byte[] {42}));
        ByteBuffer one = ByteBuffer.allocate(1);
        assertThat(far.read(one)).isEqualTo(1);
        far.write(one.flip());
        assertThat(near.read(ByteBuffer.allocate(1))).isEqualTo(1);
    }

    private static String run(String... arguments) {
        StringWriter out = new StringWriter();
        CommandLine line = Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(out));
        assertThat(line.execute(arguments)).as(out.toString()).isZero();
        return out.toString();
    }
}
