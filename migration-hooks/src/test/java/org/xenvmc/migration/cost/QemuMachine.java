package org.xenvmc.migration.cost;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.xenvmc.migration.json.JsonObject;

/** A machine of QEMU, emulated in software, that runs {@code dirtier.S}, or one that waits for it to arrive. */
final class QemuMachine implements AutoCloseable {
    static final String BINARY = "qemu-system-x86_64";
    private static final int PAGES_AT = 498;
    private static final int TIMER_HZ = 1_193_182;

    private final Path dir;
    private final Process process;
    private final Path serial;
    private final SocketChannel qmp;
    private final BufferedReader answers;

    private QemuMachine(Path dir, String name, int pages, List<String> more) throws IOException {
        this.dir = dir;
        this.serial = dir.resolve(name + ".serial");
        Path socket = dir.resolve(name + ".qmp");
        List<String> command = new ArrayList<>(List.of(BINARY, "-accel", "tcg", "-nodefaults", "-display", "none"));
        // not a multiple of 256 KiB: QEMU 7.2 loses dirty pages of such memory under TCG
        command.addAll(List.of("-m", (pages * 4 + 16 * 1024 + 8) + "k", "-serial", "file:" + serial));
        command.addAll(List.of("-qmp", "unix:" + socket + ",server=on,wait=off"));
        command.addAll(more);
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve(name + ".log").toFile())
                .start();
        try {
            // the socket's name is there a moment before somebody listens
            qmp = Awaitility.await("socket of QEMU")
                    .atMost(Duration.ofSeconds(30))
                    .pollInterval(Duration.ofMillis(10))
                    .failFast("QEMU has ended", () -> !process.isAlive())
                    .ignoreExceptionsInstanceOf(IOException.class)
                    .until(() -> connect(socket), c -> true);
        } catch (RuntimeException e) {
            process.destroyForcibly();
            throw new IOException(Files.readString(dir.resolve(name + ".log")), e);
        }
        answers = new BufferedReader(Channels.newReader(qmp, StandardCharsets.UTF_8));
        answers.readLine(); // the greeting
        call("qmp_capabilities", new JsonObject());
    }

    private static SocketChannel connect(Path socket) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
            return channel;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /**
     * Starts a machine and waits until it runs.
     *
     * @param pages pages that it writes once, and that are not zero from then on
     * @param working how many of them it writes again and again; 0 for none
     * @param pagesPerSecond how fast
     */
    static QemuMachine running(Path dir, int pages, int working, int pagesPerSecond) throws IOException {
        Path disk = dir.resolve("disk");
        try (InputStream in = QemuMachine.class.getResourceAsStream("dirtier.hex")) {
            String hex = new String(in.readAllBytes(), StandardCharsets.US_ASCII).replace("\n", "");
            ByteBuffer sector = ByteBuffer.wrap(HexFormat.of().parseHex(hex)).order(ByteOrder.LITTLE_ENDIAN);
            sector.putInt(PAGES_AT, pages).putInt(PAGES_AT + 4, working);
            sector.putInt(PAGES_AT + 8, pagesPerSecond == 0 ? 1 : TIMER_HZ / pagesPerSecond);
            Files.write(disk, sector.array());
        }
        QemuMachine machine = new QemuMachine(dir, "from", pages, List.of("-drive", "if=ide,format=raw,file=" + disk));
        Awaitility.await("machine runs")
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(10))
                .until(() -> Files.readString(machine.serial).contains("R"));
        return machine;
    }

    /** Starts a machine like it that waits. */
    QemuMachine destination(int pages) throws IOException {
        Path disk = dir.resolve("disk");
        return new QemuMachine(
                dir,
                "to",
                pages,
                List.of(
                        "-drive",
                        "if=ide,format=raw,file.locking=off,file=" + disk,
                        "-incoming",
                        "unix:" + dir.resolve("mig")));
    }

    /** Begins a migration to the machine that waits. */
    void migrate(long bandwidthBytesPerSecond, long downtimeMs) throws IOException {
        call(
                "migrate-set-parameters",
                new JsonObject().put("max-bandwidth", bandwidthBytesPerSecond).put("downtime-limit", downtimeMs));
        call("migrate", new JsonObject().put("uri", "unix:" + dir.resolve("mig")));
    }

    /** What QEMU says about the migration. */
    JsonObject migration() throws IOException {
        return call("query-migrate", new JsonObject());
    }

    JsonObject call(String command, JsonObject arguments) throws IOException {
        String line = new JsonObject().put("execute", command).put("arguments", arguments) + "\n";
        qmp.write(ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8)));
        while (true) {
            String answer = answers.readLine();
            if (answer == null) {
                throw new IOException(command + ": QEMU has ended");
            }
            JsonObject json = JsonObject.parse(answer);
            if (json.has("error")) {
                throw new IOException(command + ": " + json.object("error").text("desc"));
            }
            if (json.has("return")) { // other lines are events
                return json.object("return");
            }
        }
    }

    @Override
    public void close() throws IOException {
        qmp.close();
        process.destroyForcibly();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
