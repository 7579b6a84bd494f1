package org.xenvmc.migration.packed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xenvmc.migration.world.HostDirectory;

/** Programs that know nothing of the library, in processes of their own, with {@code -javaagent} and no other flag. */
@Tag("packed")
class AgentTest {
    private static final Path JAR = Path.of(System.getProperty("xenvmc.jar"));
    private static final Path OTHER_VERSIONS = Path.of(System.getProperty("xenvmc.other-versions"));
    private static final String PROGRAMS = PlainSocketProgram.class
            .getProtectionDomain()
            .getCodeSource()
            .getLocation()
            .getPath();
    private static final Pattern RING_BYTES = Pattern.compile("\"ringBytes\"\\s*:\\s*(\\d+)");
    private static final long EXPECTED_RING_BYTES = 3L << 20; // of 4 MiB each way

    private static final String ALL = "NIO channels, asynchronous channels, java.net sockets, Netty on NIO";

    @TempDir
    private Path dir;

    private final HostDirectory host = HostDirectory.create();

    @AfterEach
    void removeHost() {
        host.close();
    }

    private String agent(String... more) {
        String options = "host.dir=" + host.name() + (more.length == 0 ? "" : "," + String.join(",", more));
        return "-javaagent:" + JAR + "=" + options;
    }

    private Program program(Class<?> main, List<String> jvm, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(jvm);
        command.addAll(List.of("-cp", PROGRAMS, main.getName()));
        command.addAll(List.of(arguments));
        return Program.java(command);
    }

    private static void assertQuiet(Program program, String parts) {
        assertThat(program.said())
                .filteredOn(line -> line.startsWith("xenvmc:"))
                .singleElement()
                .asString()
                .contains("agent on for " + parts);
        assertThat(program.said()).noneMatch(line -> line.contains("WARNING"));
    }

    /** What both ends have moved through rings, from outside. */
    private List<Long> ringBytes() throws Exception {
        try (Program stat =
                Program.java(List.of("-jar", JAR.toString(), "stat", "--host", host.name(), "--json", "-"))) {
            assertThat(stat.exitCode()).as("%s", stat.said()).isZero();
            List<Long> all = new ArrayList<>();
            Matcher m = RING_BYTES.matcher(String.join("\n", stat.said()));
            while (m.find()) {
                all.add(Long.valueOf(m.group(1)));
            }
            return all;
        }
    }

    private void assertExchanged(Program server, Program client, boolean shared) throws Exception {
        client.await("exchanged");
        List<Long> rings = ringBytes();
        if (shared) {
            assertThat(rings).as("two ends, two directions").hasSize(4).allMatch(n -> n > EXPECTED_RING_BYTES);
        } else {
            assertThat(rings).allMatch(n -> n == 0);
        }
        client.goOn();
        assertThat(client.exitCode()).as("%s", client.said()).isZero();
        assertThat(server.exitCode()).as("%s", server.said()).isZero();
        assertThat(client.await("received=")).isEqualTo(client.await("sent="));
    }

    private void exchange(Class<?> main) throws Exception {
        try (Program server = program(main, List.of(agent()), "server");
                Program client = program(main, List.of(agent()), "client", server.await("port="))) {
            assertExchanged(server, client, true);
            assertQuiet(server, ALL + "; host " + host.name());
            assertQuiet(client, ALL + "; host " + host.name());
        }
    }

    @ParameterizedTest
    @ValueSource(
            classes = {PlainSocketProgram.class, SubclassProgram.class, ChannelProgram.class, AsynchronousProgram.class
            })
    void shouldCarryAnUnchangedProgramOverSharedMemory(Class<?> main) throws Exception {
        exchange(main);
    }

    @Test
    void shouldLetAProgramInstallItsOwnSocketFactory() throws Exception {
        try (Program server = program(OwnFactoryProgram.class, List.of(agent()), "server");
                Program client = program(OwnFactoryProgram.class, List.of(agent()), "client", server.await("port="))) {
            assertExchanged(server, client, true);
            assertThat(client.await("own implementations=")).isEqualTo("1");
        }
    }

    @Test
    void shouldHandTimeOutsOnToSubclasses() throws Exception {
        try (Program server = program(SubclassProgram.class, List.of(agent()), "server");
                Program client = program(SubclassProgram.class, List.of(agent()), "client", server.await("port="))) {
            assertExchanged(server, client, true);
            assertThat(server.await("time-out handed on=")).isEqualTo("true");
        }
    }

    @Test
    void shouldCarryTlsThatIsLayeredOverASocket() throws Exception {
        Path keys = dir.resolve("keys.p12");
        try (Program keytool = Program.start(List.of(
                System.getProperty("java.home") + "/bin/keytool",
                "-genkeypair",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-storetype",
                "PKCS12",
                "-keystore",
                keys.toString(),
                "-storepass",
                TlsProgram.PASSWORD))) {
            assertThat(keytool.exitCode()).as("%s", keytool.said()).isZero();
        }
        try (Program server = program(TlsProgram.class, List.of(agent()), "server", keys.toString());
                Program client =
                        program(TlsProgram.class, List.of(agent()), "client", server.await("port="), keys.toString())) {
            assertExchanged(server, client, true);
        }
    }

    @ParameterizedTest
    @CsvSource({"SOCKS,SOCKS", "HTTP,CONNECT", "SYSTEM,SOCKS"})
    void shouldReachTheWorldThroughAProxy(String kind, String greeting) throws Exception {
        try (Program server = program(ProxyProgram.class, List.of(agent()), "server");
                Program client = program(ProxyProgram.class, List.of(agent()), "client", server.await("port="), kind)) {
            assertExchanged(server, client, true);
            assertThat(server.await("greeted=")).isEqualTo(greeting);
        }
    }

    @Test
    void shouldServeAProgramThatTakesTheSocketsByHand() throws Exception {
        List<String> jvm = List.of(
                "-Dxenvmc.host.dir=" + host.name(),
                "-cp",
                PROGRAMS + File.pathSeparator + JAR,
                ByHandProgram.class.getName());
        List<String> asServer = new ArrayList<>(jvm);
        asServer.add("server");
        try (Program server = Program.java(asServer)) {
            List<String> asClient = new ArrayList<>(jvm);
            asClient.addAll(List.of("client", server.await("port=")));
            try (Program client = Program.java(asClient)) {
                assertExchanged(server, client, true);
            }
        }
    }

    @Test
    void shouldLeaveTheApplicationsOwnNettyAlone() throws Exception {
        List<String> jars;
        try (Stream<Path> files = Files.list(OTHER_VERSIONS)) {
            jars = new ArrayList<>(files.map(Path::toString).sorted().toList());
        }
        jars.add(PROGRAMS);
        String classPath = String.join(File.pathSeparator, jars);
        String name = OwnNettyProgram.class.getName();
        try (Program server = Program.java(List.of(agent(), "-cp", classPath, name, "server"));
                Program client =
                        Program.java(List.of(agent(), "-cp", classPath, name, "client", server.await("port=")))) {
            assertExchanged(server, client, true);
            assertThat(server.await("netty=")).startsWith("4.1.");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldServePeersWithoutTheAgent(boolean agentAtServer) throws Exception {
        List<String> with = List.of(agent());
        try (Program server = program(PlainSocketProgram.class, agentAtServer ? with : List.of(), "server");
                Program client = program(
                        PlainSocketProgram.class, agentAtServer ? List.of() : with, "client", server.await("port="))) {
            assertExchanged(server, client, false);
        }
    }

    @Test
    void shouldTreatInterruptsAsTheJdkDoes() throws Exception {
        try (Program with = program(InterruptProgram.class, List.of(agent()));
                Program without = program(InterruptProgram.class, List.of())) {
            assertThat(with.exitCode()).as("%s", with.said()).isZero();
            assertThat(without.exitCode()).as("%s", without.said()).isZero();
            assertThat(with.said())
                    .filteredOn(line -> !line.startsWith("xenvmc:"))
                    .isEqualTo(without.said());
        }
    }

    /** Streams of the JDK's own channels can do this since JDK 19. */
    @Test
    void shouldReadFromTheStreamOfAChannelWhileAnotherThreadIsBlockedInWriting() throws Exception {
        Assumptions.assumeTrue(Runtime.version().feature() >= 19, "before JDK 19 the JDK's own channels cannot either");
        try (Program p = program(StreamsProgram.class, List.of(agent("upgrade.after.operations=0")))) {
            assertThat(p.exitCode()).as("%s", p.said()).isZero();
            assertThat(p.await("read=")).isEqualTo("99");
            assertQuiet(p, ALL);
        }
    }

    @Test
    void shouldShowDescriptorsToThoseWhoLookForThem() throws Exception {
        List<String> jvm = List.of(agent(), "--add-opens", "java.base/java.net=ALL-UNNAMED");
        try (Program p = program(DescriptorProgram.class, jvm)) {
            assertThat(p.exitCode()).as("%s", p.said()).isZero();
            assertThat(p.said()).contains("listening=true", "connected=true", "accepted=true");
        }
    }

    @Test
    void shouldNameOptionsThatAreUnknownOrWrong() throws Exception {
        try (Program p = program(InterruptProgram.class, List.of(agent("colour=red", "deny=10.0.0.0/8", "*:22")))) {
            assertThat(p.exitCode()).as("%s", p.said()).isZero();
            assertThat(p.said())
                    .filteredOn(line -> line.contains("WARNING"))
                    .singleElement()
                    .asString()
                    .contains("unknown option 'colour'");
        }
        try (Program p = program(InterruptProgram.class, List.of(agent("ring.max=7")))) {
            assertThat(p.exitCode()).as("the program runs: %s", p.said()).isZero();
            assertThat(p.said())
                    .filteredOn(line -> line.contains("xenvmc:"))
                    .singleElement()
                    .asString()
                    .contains("WARNING", "xenvmc.ring.max=7");
        }
    }

    @Test
    void shouldSwitchPartsOff() throws Exception {
        List<String> jvm = List.of(agent("agent.sockets=false", "agent.log=off"));
        try (Program server = program(PlainSocketProgram.class, jvm, "server");
                Program client = program(PlainSocketProgram.class, List.of(agent()), "client", server.await("port="))) {
            assertExchanged(server, client, false);
            assertThat(server.said()).noneMatch(line -> line.startsWith("xenvmc:"));
        }
    }

    @Test
    void shouldRespectAProviderThatTheProgramBrings() throws Exception {
        List<String> jvm =
                List.of(agent(), "-Djava.nio.channels.spi.SelectorProvider=sun.nio.ch.EPollSelectorProvider");
        try (Program p = program(PlainSocketProgram.class, jvm, "server")) {
            p.await("port=");
            assertThat(p.said())
                    .filteredOn(line -> line.startsWith("xenvmc: WARNING"))
                    .singleElement()
                    .asString()
                    .contains("sun.nio.ch.EPollSelectorProvider");
            assertThat(p.said())
                    .anyMatch(line -> line.contains("agent on for asynchronous channels, java.net sockets"));
        }
    }

    @Test
    void shouldRespectAProviderThatTheProgramsClassPathNames() throws Exception {
        Path services = Files.createDirectories(dir.resolve("META-INF/services"));
        String own = OwnProviderProgram.Own.class.getName();
        Files.writeString(services.resolve(AsynchronousChannelProvider.class.getName()), own);
        List<String> jvm =
                List.of(agent(), "-cp", dir + File.pathSeparator + PROGRAMS, OwnProviderProgram.class.getName());
        try (Program p = Program.java(jvm)) {
            assertThat(p.exitCode()).as("%s", p.said()).isZero();
            assertThat(p.await("provider=")).isEqualTo(own);
            assertThat(p.said())
                    .filteredOn(line -> line.startsWith("xenvmc: WARNING"))
                    .singleElement()
                    .asString()
                    .contains(own, "no asynchronous channels");
            assertThat(p.said()).anyMatch(line -> line.contains("agent on for NIO channels, java.net sockets"));
        }
    }

    @Test
    void shouldLeaveAProgramAloneThatRunsUnderASecurityManager() throws Exception {
        Assumptions.assumeTrue(Runtime.version().feature() < 24, "this JDK has no SecurityManager any more");
        Path policy = dir.resolve("all.policy");
        Files.writeString(
                policy, "grant codeBase \"file:" + PROGRAMS + "\" { permission java.security.AllPermission; };");
        List<String> jvm = List.of(agent(), "-Djava.security.manager", "-Djava.security.policy==" + policy);
        try (Program p = program(LateProgram.class, jvm)) {
            p.goOn();
            assertThat(p.exitCode()).as("%s", p.said()).isZero();
            assertThat(p.said())
                    .filteredOn(line -> line.startsWith("xenvmc:"))
                    .singleElement()
                    .asString()
                    .contains("WARNING: agent off", "SecurityManager");
            assertThat(p.said()).contains("before=works");
        }
    }

    @Test
    void shouldRunOnAJdkWithFewModules() throws Exception {
        List<String> jvm = List.of(agent(), "--limit-modules", "java.base,java.instrument,java.logging");
        try (Program server = program(PlainSocketProgram.class, jvm, "server");
                Program client = program(PlainSocketProgram.class, jvm, "client", server.await("port="))) {
            client.await("exchanged");
            client.goOn();
            assertThat(client.exitCode()).as("%s", client.said()).isZero();
            assertThat(server.exitCode()).as("%s", server.said()).isZero();
            assertThat(client.said())
                    .anyMatch(line ->
                            line.contains("agent on for NIO channels, asynchronous channels, java.net sockets"));
        }
    }

    @Test
    void shouldBeLoadedIntoARunningProgram() throws Exception {
        try (Program p = program(LateProgram.class, List.of())) {
            p.await("before=works");
            com.sun.tools.attach.VirtualMachine vm = com.sun.tools.attach.VirtualMachine.attach(Long.toString(p.pid()));
            vm.loadAgent(JAR.toString(), "host.dir=" + host.name());
            vm.detach();
            p.goOn();
            assertThat(p.exitCode()).as("%s", p.said()).isZero();
            assertThat(p.said()).contains("old listener=works", "new listener=works");
            assertThat(p.said()).anyMatch(line -> line.startsWith("xenvmc: agent on for"));
        }
    }
}
