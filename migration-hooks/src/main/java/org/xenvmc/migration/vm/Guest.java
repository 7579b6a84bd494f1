package org.xenvmc.migration.vm;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.migration.qmp.MigrationStatus;
import org.xenvmc.migration.qmp.QemuMachine;
import org.xenvmc.migration.qmp.SharedDevice;

/**
 * One QEMU process, with monitor, console, a line to the program in the guest, and the host's end of its port for
 * migrations. Used by one thread at a time.
 */
public final class Guest implements AutoCloseable {
    static final String PROGRAM_PORT = "org.xenvmc.demo";
    private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long END_LIMIT_S = 10;
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(120);
    private static final String DEVICE = "xenvmc-region";
    private static final String MEMORY = "xenvmc-memory";

    private final Setup setup;
    private final Path folder;
    private final Process process;
    private final Runnable whenEnded;
    private QemuMachine machine;
    private GuestLine line;
    private SharedDevice device; // null without one
    private boolean closed;

    private Guest(Setup setup, Path folder, Process process, Runnable whenEnded) {
        this.setup = setup;
        this.device = setup.device;
        this.folder = folder;
        this.process = process;
        this.whenEnded = whenEnded;
    }

    /** What a guest is. */
    record Setup(
            String name,
            int number,
            String mainClass,
            String javaOptions,
            boolean migrated,
            SharedDevice device,
            String incoming) {

        String address() {
            return "10.9.0." + number;
        }

        String mac() {
            return String.format("52:54:00:00:00:%02x", number);
        }
    }

    /** How a guest gets at a region. */
    static SharedDevice device(Path region, boolean migrated) throws IOException {
        return new SharedDevice(DEVICE, MEMORY, region, Files.size(region), QemuCommand.SLOT, migrated);
    }

    /** Starts its process. */
    static Guest start(VmHost host, Accelerator accelerator, Setup s) throws IOException {
        Path folder = host.folder();
        for (String end : List.of(".qmp", ".line", ".sh", ".control")) {
            Files.deleteIfExists(folder.resolve(s.name + end));
        }
        GuestNetwork.Card card = host.network().card(s.mac());
        Runnable whenEnded = () -> host.network().giveBack(card);
        Process process;
        try {
            process = new ProcessBuilder(QemuCommand.of(host, accelerator, s, card))
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve(s.name + ".err").toFile())
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .start();
        } catch (IOException e) {
            whenEnded.run();
            throw e;
        }
        Guest guest = new Guest(s, folder, process, whenEnded);
        try {
            guest.connect();
            return guest;
        } catch (IOException e) {
            String said = guest.errors();
            guest.close();
            throw new IOException("guest " + s.name + ": " + (said.isEmpty() ? e.getMessage() : said), e);
        }
    }

    private void connect() throws IOException {
        machine = QemuMachine.connect(listening(".qmp"), START_LIMIT);
        line = GuestLine.connect(listening(".line"));
    }

    /** Waits for a socket as long as the process lives. */
    private Path listening(String end) throws IOException {
        Path socket = folder.resolve(setup.name + end);
        long startNs = System.nanoTime();
        while (!Files.exists(socket)) {
            if (!process.isAlive() || System.nanoTime() - startNs > START_LIMIT.toNanos()) {
                throw new IOException("QEMU does not listen on " + socket);
            }
            pause();
        }
        return socket;
    }

    private static void pause() throws InterruptedIOException {
        LockSupport.parkNanos(PAUSE_NS);
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedIOException("interrupted while waiting for a guest");
        }
    }

    Setup setup() {
        return setup;
    }

    /** Its name. */
    public String name() {
        return setup.name;
    }

    /** Its QEMU. */
    public QemuMachine machine() {
        return machine;
    }

    /** The host's end of its port {@code org.xenvmc.control}, for a {@link org.xenvmc.migration.hook.RemoteHook}. */
    public Path control() {
        return folder.resolve(setup.name + ".control");
    }

    /** What the guest has printed on its console. */
    public String console() throws IOException {
        Path console = folder.resolve(setup.name + ".console");
        return Files.exists(console) ? Files.readString(console, StandardCharsets.ISO_8859_1) : "";
    }

    private String errors() throws IOException {
        Path errors = folder.resolve(setup.name + ".err");
        return Files.exists(errors)
                ? Files.readString(errors, StandardCharsets.ISO_8859_1).trim()
                : "";
    }

    /** Waits until the console has this text. */
    public void awaitConsole(String text, Duration limit) throws IOException {
        long startNs = System.nanoTime();
        while (!console().contains(text)) {
            if (!process.isAlive()) {
                throw new IOException("guest " + setup.name + " ended: " + errors() + tail());
            }
            if (System.nanoTime() - startNs > limit.toNanos()) {
                throw new IOException(
                        "guest " + setup.name + " has not printed '" + text + "' within " + limit + ": " + tail());
            }
            pause();
        }
    }

    private String tail() throws IOException {
        String all = console();
        return all.substring(Math.max(0, all.length() - 1500));
    }

    /**
     * Gives the program in the guest a command and returns its answer.
     *
     * @throws IOException when it is answered with an error, when the guest is gone, and after two minutes of silence
     */
    public String ask(String command) throws IOException {
        String answer;
        try {
            answer = line.ask(command, ANSWER_LIMIT);
        } catch (InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            throw new IOException("guest " + setup.name + ", '" + command + "': " + e.getMessage() + "\n" + tail(), e);
        }
        if (!answer.startsWith("ok")) {
            throw new IOException("guest " + setup.name + " answered '" + command + "' with: " + answer);
        }
        return answer.substring(2).trim();
    }

    /** Its shared memory, or null without one. */
    public SharedDevice device() {
        return device;
    }

    /** Somebody else has plugged this in. */
    void use(SharedDevice plugged) {
        device = plugged;
    }

    /** Plugs the region in. The guest finds it by itself. */
    public void plug(Path region) throws IOException {
        SharedDevice plugged = device(region, setup.migrated);
        plugged.attach(machine);
        device = plugged;
    }

    /** Unplugs the region; returns when the guest has let go of it. */
    public void unplug(Duration limit) throws IOException {
        device.detach(machine, limit);
        device = null;
    }

    /**
     * Moves the guest to a process that waits for it. Tells it nothing: see {@link GuestMove} for all of it.
     *
     * @return what QEMU says of it at the end
     */
    public JsonObject migrate(String uri, Duration limit) throws IOException {
        machine.setParameters(1L << 30, 1000);
        machine.migrate(uri);
        long startNs = System.nanoTime();
        while (true) {
            MigrationStatus status = machine.migration();
            if (status.completed()) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(300)); // the totals come a little later
                return machine.qmp().execute("query-migrate", new JsonObject());
            }
            if (status.ended()) {
                throw new IOException("the migration of " + setup.name + " ended: " + status);
            }
            if (System.nanoTime() - startNs > limit.toNanos()) {
                machine.cancelMigration();
                throw new IOException("the migration of " + setup.name + " took longer than " + limit + ": " + status);
            }
            pause();
        }
    }

    /** Whether its process runs, and what it has printed. */
    String fate() throws IOException {
        return (process.isAlive() ? "running" : "ended with exit code " + process.exitValue())
                + (errors().isEmpty() ? "" : ": " + errors());
    }

    /** Whether its process runs. */
    public boolean isAlive() {
        return process.isAlive();
    }

    /** Ends the process as a crash does: nobody is told, neither the guest nor its peers. */
    void kill() throws IOException {
        process.destroyForcibly();
        close();
    }

    /** Ends the process. */
    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try {
            if (machine != null) {
                machine.close();
            }
            if (line != null) {
                line.close();
            }
        } finally {
            end();
            whenEnded.run();
        }
    }

    private void end() {
        process.destroy();
        boolean interrupted = Thread.interrupted(); // what was started is ended, whatever happens
        try {
            if (!process.waitFor(END_LIMIT_S, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
