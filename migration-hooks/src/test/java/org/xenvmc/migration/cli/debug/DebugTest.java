package org.xenvmc.migration.cli.debug;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xenvmc.migration.cli.Main;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.migration.process.ChildVm;
import org.xenvmc.migration.world.HostDirectory;
import org.xenvmc.migration.world.Vm;

@Tag("once")
class DebugTest {
    private static final String SECRET = "hunter2-4711";

    private final HostDirectory host = HostDirectory.create();
    private final Vm vm = Vm.on(host);
    private ChildVm child;
    private ServerSocketChannel listener;
    private SocketChannel near;
    private SocketChannel far;

    @TempDir
    private Path dir;

    /** Secrets are everywhere where a program may have them. */
    @BeforeEach
    void plantSecrets() throws Exception {
        System.setProperty("database.password", SECRET);
        System.setProperty("xenvmc.unknown", SECRET);
        child = ChildVm.on(host, "-Dtoken=" + SECRET, "-Dxenvmc.other=" + SECRET);
        child.askPort("echo 1 false");
        listener = vm.provider().openServerSocketChannel();
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        near = vm.provider().openSocketChannel();
        near.connect(listener.getLocalAddress());
        far = listener.accept();
        near.write(ByteBuffer.wrap(SECRET.getBytes(StandardCharsets.UTF_8)));
        Awaitility.await()
                .until(() -> vm.engine().hostStatus().joined()
                        && vm.engine().hostStatus().vms().size() == 2);
    }

    @AfterEach
    void close() throws Exception {
        System.clearProperty("database.password");
        System.clearProperty("xenvmc.unknown");
        near.close();
        far.close();
        listener.close();
        child.close();
        vm.close();
        host.close();
    }

    /** Runs the command in a process that has secrets in its environment and on its command line, too. */
    private Map<String, String> debug(String... options) throws Exception {
        return debugOf(host.name(), options);
    }

    private Map<String, String> debugOf(String directory, String... options) throws Exception {
        Path file = dir.resolve("bundle.zip");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dsecret=" + SECRET,
                "-Dxenvmc.ring.max=128k",
                "-Dxenvmc.unknown=" + SECRET,
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Main.class.getName()));
        command.addAll(List.of("debug", "--host", directory, "--output", file.toString()));
        command.addAll(List.of(options));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("API_TOKEN", SECRET);
        Process process = builder.start();
        try {
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(said).isZero();
            Map<String, String> texts = read(file);
            assertThat(said).contains(texts.keySet()).contains(file.toString()).doesNotContain(SECRET);
            return texts;
        } finally {
            process.destroyForcibly();
        }
    }

    private static Map<String, String> read(Path file) throws IOException {
        assertThat(Files.getPosixFilePermissions(file)).hasSize(2);
        assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                .doesNotContain(SECRET);
        Map<String, String> texts = new TreeMap<>();
        try (ZipFile zip = new ZipFile(file.toFile())) {
            for (ZipEntry entry : Collections.list(zip.entries())) {
                texts.put(
                        entry.getName(), new String(zip.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        return texts;
    }

    @Test
    void shouldContainWhatAReportNeedsAndNoSecret() throws Exception {
        Path log = Files.writeString(
                dir.resolve("x.log"),
                "com.bank.Login user jane logs in with " + SECRET + "\n"
                        + "org.xenvmc.shm.Foo says: all is well\n"
                        + "WARNING: connections stay on TCP\n"
                        + "\tat org.xenvmc.shm.Foo.bar(Foo.java:1)\n"
                        + "com.bank.Transfer " + SECRET + "\n"
                        + "WARNING: " + SECRET + "\n"
                        + "xenvmc started with password=" + SECRET + " and \"api-key\": \"" + SECRET + "\"\n"
                        + "xenvmc sends Authorization: Bearer " + SECRET + "\n");

        Map<String, String> texts = debug("--log", log.toString());

        texts.forEach((name, text) -> assertThat(text).as(name).doesNotContain(SECRET));
        assertThat(texts.get("versions.txt")).contains("Advance-XenVMC", "java.version = ", "native access = NONE");
        assertThat(texts.get("limits.txt")).contains("Max open files", "max_user_instances = ", "MemTotal");
        assertThat(texts.get("file-system.txt")).contains("/dev/shm: tmpfs", "usable");
        assertThat(texts.get("host-directory.txt")).contains("rwx------", host.name() + "/vm-1", "grants");
        assertThat(texts.get("stat.txt")).contains("2 VMs", "127.0.0.1:");
        assertThat(JsonObject.parse(texts.get("stat.json")).objects("vms")).hasSize(2);
        assertThat(texts.get("vms.json")).contains("xenvmc.ring.max\": \"64k", "xenvmc.other");
        assertThat(texts.get("properties.json")).contains("xenvmc.ring.max\": \"128k", "xenvmc.unknown", "withheld");
        assertThat(texts.get("self-test.txt"))
                .contains("ok   mapping", "ok   futex", "ok   ring", "ok   connection")
                .doesNotContain("NO ");
        assertThat(texts.get("log.txt").lines())
                .containsExactly(
                        "org.xenvmc.shm.Foo says: all is well",
                        "WARNING: connections stay on TCP",
                        "\tat org.xenvmc.shm.Foo.bar(Foo.java:1)",
                        "xenvmc started with password=(withheld) and \"api-key\": (withheld)",
                        "xenvmc sends Authorization: (withheld)");
        try (var files = Files.list(Path.of("/dev/shm"))) {
            assertThat(files).noneMatch(f -> f.getFileName().toString().startsWith("xenvmc-self-test"));
        }
    }

    @Test
    void shouldNameNobodyWhenAnonymised() throws Exception {
        Map<String, String> texts = debug("--anonymise");

        String machine = InetAddress.getLocalHost().getHostName();
        texts.forEach((name, text) ->
                assertThat(text).as(name).doesNotContainPattern("(?<![A-Za-z0-9])" + machine + "(?![A-Za-z0-9])"));
        vm.engine().hostStatus().vms().get(0).addresses().stream()
                .filter(a -> !a.equals("127.0.0.1") && !a.equals("0:0:0:0:0:0:0:1"))
                .forEach(a -> assertThat(texts.get("stat.json")).doesNotContain('"' + a + '"'));
        assertThat(texts.get("host-directory.txt")).contains("user-1");
        assertThat(JsonObject.parse(texts.get("stat.json")).objects("vms")).hasSize(2);
    }

    @Test
    void shouldBeWrittenWhereThereIsNoHost() throws Exception {
        Map<String, String> texts = debugOf(host.name() + "-none");

        assertThat(texts.get("stat.txt")).contains("not available", "there is no host");
        assertThat(texts.get("self-test.txt")).contains("ok   connection");
    }
}
