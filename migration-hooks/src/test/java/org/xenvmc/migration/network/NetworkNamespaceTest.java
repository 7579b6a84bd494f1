package org.xenvmc.migration.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.xenvmc.migration.world.HostDirectory;

/** An address means something only inside its network: real network namespaces on one host, as containers have them. */
@Tag("once")
@Timeout(120)
class NetworkNamespaceTest {
    private static final String PORT = "5711";
    private static final int LIMIT_ROUNDS = 5000;
    private static final List<String> PASSING = List.of("WARMING_UP", "NEGOTIATING", "NEXT_WRITE", "NOT_JOINED");

    private final List<Process> processes = new ArrayList<>();
    private final List<NetworkNamespace> namespaces = new ArrayList<>();
    private HostDirectory host;

    @BeforeEach
    void makeNamespaces() throws IOException {
        assumeTrue(NetworkNamespace.possible(), "needs root and ip(8) to make network namespaces");
        host = HostDirectory.create();
        namespaces.add(new NetworkNamespace());
        namespaces.add(new NetworkNamespace());
    }

    @AfterEach
    void removeAll() throws Exception {
        for (Process p : processes) {
            p.destroyForcibly();
            p.waitFor(20, TimeUnit.SECONDS);
        }
        for (NetworkNamespace n : namespaces) {
            n.close();
        }
        if (host != null) {
            host.close();
        }
    }

    @Test
    void shouldStayOnTcpWhenTheSameLoopbackAddressIsInAnotherNamespace() throws Exception {
        start(0, "server", "vmc", "127.0.0.1", ""); // the tempting one: a VM of this host on the same address and port
        start(1, "server", "jdk", "127.0.0.1", "");
        Process client = start(1, "client", "vmc", "127.0.0.1", "");
        assertThat(settled(client)).isEqualTo("TCP NOT_CO_RESIDENT");
    }

    @Test
    void shouldShareMemoryWhenLoopbackIsOfTheSameNamespace() throws Exception {
        start(1, "server", "vmc", "127.0.0.1", "");
        Process client = start(1, "client", "vmc", "127.0.0.1", "");
        assertThat(settled(client)).isEqualTo("SHARED_MEMORY NONE");
    }

    @Test
    void shouldShareMemoryBetweenNamespacesWhenTheyNameTheSameNetwork() throws Exception {
        NetworkNamespace.join(namespaces.get(0), "10.97.5.1", namespaces.get(1), "10.97.5.2");
        start(0, "server", "vmc", "10.97.5.1", "bridge5");
        Process client = start(1, "client", "vmc", "10.97.5.1", "bridge5");
        assertThat(settled(client)).isEqualTo("SHARED_MEMORY NONE");
    }

    @Test
    void shouldStayOnTcpBetweenNamespacesWhenNothingSaysThatPrivateAddressesMeanTheSame() throws Exception {
        NetworkNamespace.join(namespaces.get(0), "10.97.6.1", namespaces.get(1), "10.97.6.2");
        start(0, "server", "vmc", "10.97.6.1", "");
        Process client = start(1, "client", "vmc", "10.97.6.1", "");
        assertThat(settled(client)).isEqualTo("TCP NOT_CO_RESIDENT");
    }

    private Process start(int namespace, String role, String library, String address, String network)
            throws IOException {
        List<String> command = namespaces
                .get(namespace)
                .command(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        NetworkPeer.class.getName(),
                        role,
                        library,
                        address,
                        PORT,
                        host.name(),
                        network));
        Process p = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        processes.add(p);
        assertThat(line(p)).isEqualTo("ready");
        return p;
    }

    private static String line(Process p) throws IOException {
        StringBuilder line = new StringBuilder(); // unbuffered: nothing of the next line is taken
        for (int c = p.getInputStream().read();
                c >= 0 && c != '\n';
                c = p.getInputStream().read()) {
            line.append((char) c);
        }
        return line.toString();
    }

    /** The state in which the connection stays, after as much traffic as it takes to get there. */
    private static String settled(Process client) throws IOException {
        String last = "";
        int same = 0;
        for (int i = 0; i < LIMIT_ROUNDS && same < 20; i++) {
            client.getOutputStream().write("go\n".getBytes(StandardCharsets.UTF_8));
            client.getOutputStream().flush();
            String now = line(client);
            boolean passing = PASSING.stream().anyMatch(now::endsWith);
            same = now.equals(last) && !passing ? same + 1 : 0;
            last = now;
        }
        return last;
    }
}
