package org.xenvmc.migration.packed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the agent leaves alone, switches off, warns of, and does not change. */
@Tag("packed")
class AgentLimitsTest extends AgentScene {
    private void assertSaysTheSameAsWithout(Class<?> main, String... options) throws Exception {
        try (Program with = program(main, List.of(agent(options)));
                Program without = program(main, List.of())) {
            assertThat(with.exitCode()).as("%s", with.said()).isZero();
            assertThat(without.exitCode()).as("%s", without.said()).isZero();
            assertThat(with.said())
                    .filteredOn(line -> !line.startsWith("xenvmc:"))
                    .isEqualTo(without.said());
            assertQuiet(with, ALL);
        }
    }

    @Test
    void shouldTreatInterruptsAsTheJdkDoes() throws Exception {
        assertSaysTheSameAsWithout(InterruptProgram.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"enabled=false", "upgrade.after.operations=0"})
    void shouldEndReadsWithALimitAsTheJdkDoes(String path) throws Exception {
        assertSaysTheSameAsWithout(TimedReadProgram.class, path);
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
