package org.xenvmc.migration.vm;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.xenvmc.migration.json.JsonObject;

/** One QEMU process, with control socket, console and a line to the program in the guest. Used by one thread at a time. */
public final class Guest implements AutoCloseable {
    private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long END_LIMIT_S = 10;
    static final String DEVICE = "xenvmc-region";
    static final String MEMORY = "xenvmc-memory";
    private static final String PORT = "rp0";

    private final String name;
    private final Path console;
    private final Path errors;
    private final Process process;
    private final Qmp qmp;
    private final SocketChannel line;
    private final BufferedReader answers;
    private final Writer commands;
    private final Runnable whenEnded;
    private boolean closed;

    private Guest(String name, Path folder, List<String> command, Runnable whenEnded) throws IOException {
        this.name = name;
        this.whenEnded = whenEnded;
        this.console = folder.resolve(name + ".console");
        this.errors = folder.resolve(name + ".err");
        this.process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(errors.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .start();
        boolean done = false;
        try {
            this.qmp = Qmp.connect(folder.resolve(name + ".qmp"), process);
            this.line = Qmp.connectTo(folder.resolve(name + ".line"), process);
            this.answers = new BufferedReader(Channels.newReader(line, StandardCharsets.UTF_8));
            this.commands = Channels.newWriter(line, StandardCharsets.UTF_8);
            done = true;
        } catch (IOException e) {
            throw new IOException(
                    "guest " + name + ": " + Files.readString(errors).trim(), e);
        } finally {
            if (!done) {
                process.destroyForcibly();
            }
        }
    }

    /** What a guest is. */
    record Setup(
            String name,
            String address,
            String mac,
            String mainClass,
            String javaOptions,
            Path region,
            String incoming) {}

    /** Starts a guest. */
    static Guest start(VmHost host, Setup s) throws IOException {
        List<String> c = new ArrayList<>(host.network().prefix());
        Path folder = host.folder();
        for (String end : List.of(".qmp", ".line", ".sh")) {
            Files.deleteIfExists(folder.resolve(s.name + end));
        }
        c.addAll(List.of("qemu-system-x86_64", "-M", "q35", "-nodefaults", "-display", "none", "-no-reboot"));
        c.addAll(host.accelerator().arguments());
        // not a multiple of 256 KiB, and a second processor that is never plugged in: see docs/vm.md
        c.addAll(List.of("-m", "524296k", "-smp", "1,maxcpus=2"));
        c.addAll(List.of("-kernel", host.image().kernel().toString()));
        c.addAll(List.of("-initrd", host.image().initrd().toString()));
        c.addAll(List.of(
                "-append",
                "console=ttyS0 quiet panic=-1 mitigations=off "
                        + host.accelerator().kernelArguments() + " ip4=" + s.address + " main=" + s.mainClass + " java="
                        + s.javaOptions));
        c.addAll(List.of("-chardev", "file,id=con,path=" + folder.resolve(s.name + ".console")));
        c.addAll(List.of("-serial", "chardev:con"));
        c.addAll(List.of("-chardev", socket("sh", folder.resolve(s.name + ".sh")), "-serial", "chardev:sh"));
        c.addAll(List.of("-qmp", "unix:" + folder.resolve(s.name + ".qmp") + ",server=on,wait=off"));
        c.addAll(List.of("-device", "virtio-serial-pci"));
        c.addAll(List.of("-chardev", socket("line", folder.resolve(s.name + ".line"))));
        c.addAll(List.of("-device", "virtserialport,chardev=line,name=org.xenvmc.demo"));
        c.addAll(List.of("-device", "pcie-root-port,id=" + PORT + ",chassis=1,slot=1"));
        GuestNetwork.Card card = host.network().card(s.mac);
        c.addAll(card.arguments());
        if (s.region != null) {
            c.addAll(List.of(
                    "-object",
                    "memory-backend-file,id=" + MEMORY + ",share=on,mem-path=" + s.region + ",size="
                            + Files.size(s.region)));
            c.addAll(
                    List.of("-device", "ivshmem-plain,id=" + DEVICE + ",memdev=" + MEMORY + ",master=off,bus=" + PORT));
        }
        if (s.incoming != null) {
            c.addAll(List.of("-incoming", s.incoming));
        }
        boolean done = false;
        try {
            Guest guest = new Guest(s.name, folder, c, () -> host.network().giveBack(card));
            done = true;
            return guest;
        } finally {
            if (!done) {
                host.network().giveBack(card);
            }
        }
    }

    private static String socket(String id, Path path) {
        return "socket,id=" + id + ",path=" + path + ",server=on,wait=off";
    }

    /** What the guest has printed on its console. */
    public String console() throws IOException {
        return Files.exists(console) ? Files.readString(console, StandardCharsets.ISO_8859_1) : "";
    }

    /** Waits until the console has this text. */
    public void awaitConsole(String text, Duration limit) throws IOException {
        long startNs = System.nanoTime();
        while (!console().contains(text)) {
            if (!process.isAlive()) {
                throw new IOException("guest " + name + " ended: " + Files.readString(errors) + tail());
            }
            if (System.nanoTime() - startNs > limit.toNanos()) {
                throw new IOException(
                        "guest " + name + " has not printed '" + text + "' within " + limit + ": " + tail());
            }
            LockSupport.parkNanos(PAUSE_NS);
        }
    }

    private String tail() throws IOException {
        String all = console();
        return all.substring(Math.max(0, all.length() - 1500));
    }

    /** Gives the program in the guest a command and returns its answer. Waits as long as the guest lives. */
    public String ask(String command) throws IOException {
        commands.write(command + "\n");
        commands.flush();
        String answer = answers.readLine();
        if (answer == null) {
            throw new IOException("guest " + name + " ended at '" + command + "': " + tail());
        }
        if (!answer.startsWith("ok")) {
            throw new IOException("guest " + name + " answered '" + command + "' with: " + answer);
        }
        return answer.substring(2).trim();
    }

    /** Plugs the region in. The guest finds it by itself. */
    public void plug(Path region) throws IOException {
        qmp.call(
                "object-add",
                new JsonObject()
                        .put("qom-type", "memory-backend-file")
                        .put("id", MEMORY)
                        .put("share", true)
                        .put("mem-path", region.toString())
                        .put("size", Files.size(region)));
        qmp.call(
                "device_add",
                new JsonObject()
                        .put("driver", "ivshmem-plain")
                        .put("id", DEVICE)
                        .put("memdev", MEMORY)
                        .put("master", "off")
                        .put("bus", PORT));
    }

    /** Unplugs the region; returns when the guest has let go of it. */
    public void unplug(Duration limit) throws IOException {
        qmp.call("device_del", new JsonObject().put("id", DEVICE));
        qmp.awaitEvent("DEVICE_DELETED", DEVICE, limit.toNanos());
        qmp.call("object-del", new JsonObject().put("id", MEMORY));
    }

    /**
     * Moves the guest to a process that waits for it.
     *
     * @return what QEMU says of it at the end
     */
    public JsonObject migrate(String uri, Duration limit) throws IOException {
        qmp.call(
                "migrate-set-parameters",
                new JsonObject().put("max-bandwidth", 1L << 30).put("downtime-limit", 1000L));
        qmp.call("migrate", new JsonObject().put("uri", uri));
        long startNs = System.nanoTime();
        while (true) {
            JsonObject info = qmp.call("query-migrate").object("return");
            switch (info.text("status", "")) {
                case "completed":
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(300)); // the totals come a little later
                    return qmp.call("query-migrate").object("return");
                case "failed", "cancelled":
                    throw new IOException("the migration of " + name + " ended: " + info);
                default:
                    break;
            }
            if (System.nanoTime() - startNs > limit.toNanos()) {
                qmp.call("migrate_cancel");
                throw new IOException("the migration of " + name + " took longer than " + limit + ": " + info);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
    }

    /** Whether its process runs. */
    public boolean isAlive() {
        return process.isAlive();
    }

    /** Ends the process. */
    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try {
            qmp.close();
            line.close();
        } finally {
            process.destroy();
            try {
                if (!process.waitFor(END_LIMIT_S, TimeUnit.SECONDS)) {
                    process.destroyForcibly().waitFor();
                }
            } catch (InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
            }
            whenEnded.run();
        }
    }
}
