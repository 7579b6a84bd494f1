package org.xenvmc.bench.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.xenvmc.migration.json.JsonObject;

/** What is to be seen of a host from outside: {@code xenvmc.jar stat}, and the files of its directory. */
final class HostView {
    private static final int LIMIT_S = 60;

    private HostView() {}

    /** Every VM with its totals and connections. */
    static List<JsonObject> vms(Path agent, Path host) throws Exception {
        Process stat = new ProcessBuilder(
                        System.getProperty("java.home") + "/bin/java",
                        "-jar",
                        agent.toString(),
                        "stat",
                        "--host",
                        host.toString(),
                        "--json",
                        "-")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            String said = new String(stat.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(stat.waitFor(LIMIT_S, TimeUnit.SECONDS)).as("stat ended").isTrue();
            assertThat(stat.exitValue()).as("%s", said).isZero();
            return JsonObject.parse(said).objects("vms");
        } finally {
            stat.destroyForcibly();
        }
    }

    /** Bytes that all VMs together have sent through shared memory since they began. */
    static long sentByMemory(List<JsonObject> vms) throws IOException {
        long sum = 0;
        for (JsonObject vm : vms) {
            sum += vm.object("totals").number("sentByMemoryBytes");
        }
        return sum;
    }

    /** Files that belong to the VM of that number: its entry, and what it lends. */
    static List<String> filesOf(Path host, long vm) throws IOException {
        try (Stream<Path> all = Files.walk(host)) {
            return all.map(p -> p.getFileName().toString())
                    .filter(name -> name.equals("vm-" + vm) || name.startsWith("grant-" + vm + "-"))
                    .sorted()
                    .toList();
        }
    }
}
