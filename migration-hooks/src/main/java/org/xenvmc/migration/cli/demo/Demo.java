package org.xenvmc.migration.cli.demo;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.xenvmc.migration.MigrationMode;
import org.xenvmc.migration.cli.Move;
import org.xenvmc.migration.cli.Questions;
import org.xenvmc.migration.cli.Units;
import org.xenvmc.migration.cli.demo.vm.Digests;
import org.xenvmc.migration.json.JsonException;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.shm.connection.ControlClient;
import org.xenvmc.transport.HostStatus.VmEntry;
import org.xenvmc.transport.VmcContext;

/** Carries the demo out: starts the VMs, measures each path, moves VM 1 while data flows. Used by one thread. */
final class Demo implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofSeconds(30);
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(40);
    private static final Duration MOVE_LIMIT = Duration.ofSeconds(10);
    private static final long LOOK_AGAIN_NS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long WARM_UP_MS = 300;
    /** The parts of the limit after which no further round, or move, is begun. */
    private static final double MEASURING_PART = 0.5;

    private static final double MOVING_PART = 0.8;

    private final DemoPlan plan;
    private final Progress progress;
    private final DemoHosts hosts = DemoHosts.create();
    private final List<ChildVm> vms = new ArrayList<>(); // guarded by itself; closed by any thread
    private final Thread cleaner = new Thread(this::cleanUp, "demo-cleaner");
    private ChildVm client;
    private ChildVm server;
    private String clientUuid;
    private String place; // host on which the client is

    Demo(DemoPlan plan, Progress progress) {
        this.plan = plan;
        this.progress = progress;
    }

    /** Does everything. */
    DemoResult run() throws IOException {
        Runtime.getRuntime().addShutdownHook(cleaner);
        progress.stage("starting two VMs on " + hosts.a());
        place = hosts.a();
        server = start("VM 2");
        client = start("VM 1");
        String sha256 = Digests.ofFile(plan.file());
        JsonObject ports = server.call(command("listen"), START_LIMIT);
        client.call(
                command("connect")
                        .put("port", ports.number("port"))
                        .put("plainPort", ports.number("plainPort"))
                        .put("file", plan.file().toString()),
                START_LIMIT);
        clientUuid = entryOf(client).uuid();
        entryOf(server);

        Measurements measurements = measure();
        List<JsonObject> moves = new ArrayList<>();
        JsonObject sent = transfer(moves);
        JsonObject received = server.call(command("received"), ANSWER_LIMIT);
        progress.stage("ending the VMs");
        client.quit();
        server.quit();
        return new DemoResult(plan, sha256, measurements, sent, received, moves, progress.seconds());
    }

    private static JsonObject command(String name) {
        return new JsonObject().put("do", name);
    }

    private ChildVm start(String name) throws IOException {
        ChildVm vm = ChildVm.start(name, hosts.a(), hosts.both());
        synchronized (vms) {
            vms.add(vm);
        }
        return vm;
    }

    /** Waits until a VM has joined its host, and finds its entry. */
    private VmEntry entryOf(ChildVm vm) throws IOException {
        try (ControlClient control = open(hosts.a())) {
            long deadlineNs = System.nanoTime() + START_LIMIT.toNanos();
            while (System.nanoTime() - deadlineNs < 0) {
                Optional<VmEntry> entry =
                        control.vms().stream().filter(e -> e.pid() == vm.pid()).findFirst();
                if (entry.isPresent()) {
                    return entry.get();
                }
                pause(LOOK_AGAIN_NS);
            }
            throw new IOException("the VM with pid " + vm.pid() + " did not join " + hosts.a() + " within "
                    + START_LIMIT.toSeconds() + " s");
        }
    }

    private static ControlClient open(String host) throws IOException {
        return ControlClient.open(VmcContext.fromSystemProperties().hostDirectory(host));
    }

    private static void pause(long ns) throws IOException {
        LockSupport.parkNanos(ns);
        if (Thread.interrupted()) {
            throw new InterruptedIOException("the demo was interrupted");
        }
    }

    // ---- each path by itself

    private Measurements measure() throws IOException {
        round("warming up", WARM_UP_MS, new Measurements());
        Measurements measurements = new Measurements();
        for (int i = 1; i <= plan.rounds(); i++) {
            double beforeSeconds = progress.seconds();
            round("measuring, round " + i + " of " + plan.rounds(), plan.measureMs(), measurements);
            double roundSeconds = progress.seconds() - beforeSeconds;
            if (progress.seconds() + roundSeconds > plan.limit().toSeconds() * MEASURING_PART) {
                break; // the machine is busy with other things
            }
        }
        return measurements;
    }

    private void round(String title, long ms, Measurements into) throws IOException {
        measure(title, Measurements.JDK, ms, into);
        allow(false);
        measure(title, "TCP", ms, into);
        allow(true);
        measure(title, "SHARED_MEMORY", ms, into);
        move(hosts.b(), Duration.ZERO);
        measure(title, "FRAMED_TCP", ms, into);
        move(hosts.a(), Duration.ZERO);
    }

    private void measure(String title, String path, long ms, Measurements into) throws IOException {
        progress.stage(title + ": " + path.toLowerCase(Locale.ROOT).replace('_', ' '));
        into.add(path, client.call(command("measure").put("path", path).put("ms", ms), ANSWER_LIMIT));
    }

    /** The client's kill switch. */
    private void allow(boolean sharedMemory) throws IOException {
        try (ControlClient control = open(place)) {
            int domId = control.vms().stream()
                    .filter(e -> e.uuid().equals(clientUuid))
                    .findFirst()
                    .orElseThrow(() -> new IOException("VM 1 is not on " + place))
                    .id()
                    .domId();
            Questions.ask(control, domId, sharedMemory ? "enable" : "disable", "", ANSWER_LIMIT);
        }
    }

    /** Moves the client, in the way of {@code xenvmc migrate}. */
    private JsonObject move(String to, Duration preCopy) throws IOException {
        Move.Result result = new Move(place, clientUuid, to, MigrationMode.KEEP, preCopy, MOVE_LIMIT).carryOut();
        if (result.report().text("outcome").equals("ARRIVED")) {
            place = to;
        }
        return result.report();
    }

    // ---- everything at once

    private JsonObject transfer(List<JsonObject> moves) throws IOException {
        progress.stage("moving " + plan.file().getFileName());
        long fileBytes = Files.size(plan.file());
        client.onNews(news -> progress.update(describe(news, fileBytes, moves)));
        client.call(command("transfer"), ANSWER_LIMIT);
        pause(TimeUnit.MILLISECONDS.toNanos(plan.dwellMs()));
        for (int i = 0; i < plan.moves(); i++) {
            JsonObject report = move(place.equals(hosts.a()) ? hosts.b() : hosts.a(), DemoPlan.PRE_COPY);
            synchronized (moves) {
                moves.add(report);
            }
            pause(TimeUnit.MILLISECONDS.toNanos(plan.dwellMs()));
            if (moves.size() >= 2 && progress.seconds() > plan.limit().toSeconds() * MOVING_PART) {
                break;
            }
        }
        return client.call(command("end"), ANSWER_LIMIT);
    }

    private String describe(JsonObject news, long fileBytes, List<JsonObject> moves) {
        try {
            int done;
            synchronized (moves) {
                done = moves.size();
            }
            long bytes = news.number("bytes");
            return Units.bytes(bytes) + " (copy " + (bytes / fileBytes + 1) + "), " + news.number("requests")
                    + " requests, move " + done + "/" + plan.moves() + ", "
                    + DemoReport.shortName(news.text("path", "-"));
        } catch (JsonException e) {
            return "no news: " + e.getMessage();
        }
    }

    // ---- the end

    /** Ends the VMs by force; what waits for them fails. Any thread. */
    void stop() {
        synchronized (vms) {
            vms.forEach(ChildVm::close);
        }
    }

    private void cleanUp() {
        stop();
        hosts.remove();
    }

    @Override
    public void close() {
        cleanUp();
        try {
            Runtime.getRuntime().removeShutdownHook(cleaner);
        } catch (IllegalStateException e) {
            return; // the process ends already, and cleans up by itself
        }
    }
}
