package org.xenvmc.migration.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
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
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xenvmc.migration.journal.Journal;
import org.xenvmc.migration.journal.JournalEvent;
import org.xenvmc.migration.journal.JournalReader;
import org.xenvmc.migration.process.ChildVm;
import org.xenvmc.migration.world.HostDirectory;
import org.xenvmc.migration.world.Vm;
import org.xenvmc.transport.VmcContext;

/** The agent that owns the memory of the guests' devices. */
@Tag("journal")
@SuppressWarnings("try") // VMs are there to be found
class AgentRegionTest {
    private static final String LEASE = "xenvmc.ivshmem.lease.ms";
    private static final long REGION_BYTES = 8 << 20;

    @TempDir
    private Path dir;

    private final HostDirectory host = HostDirectory.regionFile();

    @BeforeEach
    void shortLease() {
        System.setProperty(LEASE, "1500");
    }

    @AfterEach
    void close() {
        System.clearProperty(LEASE);
        host.close();
    }

    private Agent start() throws IOException {
        return new Agent(new Agent.Settings(
                new VmcContext(),
                new OwnedRegion.Settings(host.path(), REGION_BYTES, 3),
                dir.resolve("journal"),
                Journal.MIN_MAX_BYTES,
                dir.resolve("guests"),
                "",
                null,
                Duration.ofMillis(10)));
    }

    private List<String> events(String kind, String... members) throws IOException {
        List<String> found = new ArrayList<>();
        try (JournalReader reader = JournalReader.open(dir.resolve("journal"))) {
            for (Optional<JournalEvent> e = reader.next(); e.isPresent(); e = reader.next()) {
                if (e.get().kind().equals(kind)) {
                    StringBuilder text = new StringBuilder();
                    for (String member : members) {
                        text.append(e.get().data().text(member)).append(' ');
                    }
                    found.add(text.toString().trim());
                }
            }
        }
        return found;
    }

    private static ConditionFactory soon() {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(20));
    }

    private static void exchange(SocketChannel near, SocketChannel far) throws IOException {
        near.write(ByteBuffer.wrap(new byte[] {42}));
        ByteBuffer one = ByteBuffer.allocate(1);
        assertThat(far.read(one)).isEqualTo(1);
        far.write(one.flip());
        assertThat(near.read(ByteBuffer.allocate(1))).isEqualTo(1);
    }

    private static boolean shared(Vm vm, SocketChannel channel) throws IOException {
        return vm.info(channel).sending().path() == org.xenvmc.transport.Path.SHARED_MEMORY;
    }

    @Test
    void shouldMakeTheRegionWatchWhoIsInItAndRemoveIt() throws Exception {
        try (Agent agent = start()) {
            assertThat(agent.sources()).isEmpty();
            assertThat(host.placesTaken()).isEqualTo(1);
            try (Vm vm = Vm.on(host);
                    Vm peer = Vm.on(host);
                    ServerSocketChannel listener = peer.provider().openServerSocketChannel()) {
                listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                try (SocketChannel near = vm.provider().openSocketChannel()) {
                    near.connect(listener.getLocalAddress());
                    try (SocketChannel far = listener.accept()) {
                        soon().until(() -> {
                            exchange(near, far);
                            return shared(vm, near);
                        });
                        soon().until(() -> !events(Events.SWITCH).isEmpty());
                    }
                }
                soon().until(() ->
                        Files.readString(dir.resolve("journal/state.json")).split("domId", -1).length == 3);
            }
            soon().until(() -> events(Events.VM_LEFT).size() == 2);
            assertThat(events(Events.VM_LEFT, "how")).containsExactly("left", "left");
        }
        assertThat(host.path()).doesNotExist();
        assertThat(events(Events.REGION, "how")).containsExactly("created", "removed");
        assertThat(events(Events.EPOCH)).hasSize(1);
    }

    @Test
    void shouldFreeThePlacesOfTheDeadAlsoWhenNobodyElseIsThere() throws Exception {
        try (Agent agent = start();
                ChildVm victim = ChildVm.on(host, "-D" + LEASE + "=1500")) {
            victim.ask("join " + host.name());
            soon().until(() ->
                    host.placesTaken() == 2 && events(Events.VM_JOINED).size() == 1);
            victim.kill();
            soon().until(() -> host.placesTaken() == 1 && events(Events.VM_LEFT).size() == 1);
            assertThat(events(Events.VM_LEFT, "how")).containsExactly("died");
            assertThat(agent.sources()).isEmpty();
        }
    }

    @Test
    void shouldSayThatTheHostWasLostAndWatchItsNextLife() throws Exception {
        try (Agent agent = start()) {
            byte[] zeros = new byte[(int) REGION_BYTES];
            try (java.io.RandomAccessFile file =
                    new java.io.RandomAccessFile(host.path().toFile(), "rw")) {
                file.write(zeros);
            }
            soon().until(() -> events(Events.EPOCH).size() == 2);
            assertThat(events(Events.HOST_LOST, "reason")).containsExactly("MEMORY_WITHDRAWN");
            assertThat(agent.sources()).isEmpty();
            try (Vm vm = Vm.on(host)) {
                vm.engine().joinHost(host.name());
                soon().until(() -> events(Events.VM_JOINED).size() == 1);
            }
        }
    }

    @Test
    void shouldRefuseARegionThatAnotherAgentOwns() throws Exception {
        try (Agent agent = start()) {
            assertThatThrownBy(this::start).hasMessageContaining("owned by another process");
            assertThat(host.path()).exists();
            assertThat(agent.sources()).isEmpty();
        }
    }

    private Process startKilledLater() throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(a -> a.startsWith("--add-"))
                .forEach(command::add);
        command.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-D" + LEASE + "=1500"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName(), "agent"));
        command.addAll(List.of("--region", host.path().toString(), "--size", "8m", "--vms", "3"));
        command.addAll(List.of("--journal", dir.resolve("journal").toString(), "--guests", dir.resolve("g") + ""));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    @Test
    void shouldGoOnWithoutItAndBeCaughtUpWithByTheNextOne() throws Exception {
        Process first = startKilledLater();
        try (BufferedReader said = first.inputReader();
                Vm vm = Vm.on(host);
                Vm peer = Vm.on(host);
                ServerSocketChannel listener = peer.provider().openServerSocketChannel()) {
            assertThat(said.readLine()).contains(host.path().toString());
            vm.engine().joinHost(host.name());
            peer.engine().joinHost(host.name());
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            try (SocketChannel near = vm.provider().openSocketChannel()) {
                near.connect(listener.getLocalAddress());
                try (SocketChannel far = listener.accept();
                        Vm goes = Vm.on(host)) {
                    goes.engine().joinHost(host.name());
                    soon().until(() -> events(Events.VM_JOINED).size() == 3);
                    first.destroyForcibly();
                    assertThat(first.waitFor(20, TimeUnit.SECONDS)).isTrue();
                    soon().until(() -> {
                        exchange(near, far);
                        return shared(vm, near);
                    });
                    goes.close();
                    long switches = vm.info(near).sending().switches();
                    try (Agent next = start()) {
                        assertThat(events(Events.VM_LEFT, "how")).containsExactly("while no agent was there");
                        exchange(near, far);
                        assertThat(vm.info(near).sending().switches())
                                .as("nobody had to leave memory")
                                .isEqualTo(switches);
                        assertThat(next.sources()).isEmpty();
                    }
                    assertThat(host.path()).as("VMs live in it").exists();
                    assertThat(events(Events.REGION, "how"))
                            .containsExactly("created", "taken over", "left to its VMs");
                    assertThat(events(Events.EPOCH)).hasSize(1);
                    exchange(near, far);
                    assertThat(shared(vm, near)).isTrue();
                }
            }
        } finally {
            first.destroyForcibly();
        }
    }
}
