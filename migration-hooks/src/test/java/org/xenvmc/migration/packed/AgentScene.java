package org.xenvmc.migration.packed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.xenvmc.migration.world.HostDirectory;

/** What tests of programs under {@code -javaagent} have in common: the programs know nothing of the library, and have processes of their own. */
abstract class AgentScene {
    static final Path JAR = Path.of(System.getProperty("xenvmc.jar"));
    static final String PROGRAMS = PlainSocketProgram.class
            .getProtectionDomain()
            .getCodeSource()
            .getLocation()
            .getPath();
    private static final Pattern RING_BYTES = Pattern.compile("\"ringBytes\"\\s*:\\s*(\\d+)");
    private static final long EXPECTED_RING_BYTES = 3L << 20; // of 4 MiB each way and turn
    private static final int TURNS = 9;

    static final String ALL = "NIO channels, asynchronous channels, java.net sockets, Netty on NIO";

    @TempDir
    Path dir;

    final HostDirectory host = HostDirectory.create();

    @AfterEach
    void removeHost() {
        host.close();
    }

    final String agent(String... more) {
        String options = "host.dir=" + host.name() + (more.length == 0 ? "" : "," + String.join(",", more));
        return "-javaagent:" + JAR + "=" + options;
    }

    final Program program(Class<?> main, List<String> jvm, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(jvm);
        command.addAll(List.of("-cp", PROGRAMS, main.getName()));
        command.addAll(List.of(arguments));
        return Program.java(command);
    }

    static void assertQuiet(Program program, String parts) {
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

    final void assertExchanged(Program server, Program client, boolean shared) throws Exception {
        client.await("exchanged");
        List<Long> rings = ringBytes();
        if (shared) {
            for (int i = 0;
                    i < TURNS && !areShared(rings);
                    i++) { // where others want the processors, upgrades take longer
                client.again("exchanged");
                rings = ringBytes();
            }
            assertThat(areShared(rings))
                    .as("two ends, two directions: %s", rings)
                    .isTrue();
        } else {
            assertThat(rings).allMatch(n -> n == 0);
        }
        client.goOn();
        assertThat(client.exitCode()).as("%s", client.said()).isZero();
        assertThat(server.exitCode()).as("%s", server.said()).isZero();
        assertThat(client.all("received=")).isNotEmpty().isEqualTo(client.all("sent="));
    }

    private static boolean areShared(List<Long> rings) {
        return rings.size() == 4 && rings.stream().allMatch(n -> n > EXPECTED_RING_BYTES);
    }
}
