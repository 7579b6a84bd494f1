package org.xenvmc.migration.packed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs that know nothing of the library, in processes of their own, with {@code -javaagent} and no other flag. */
@Tag("packed")
class AgentTest extends AgentScene {
    private static final Path OTHER_VERSIONS = Path.of(System.getProperty("xenvmc.other-versions"));

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
}
