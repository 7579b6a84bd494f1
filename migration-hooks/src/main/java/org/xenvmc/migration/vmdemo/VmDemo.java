package org.xenvmc.migration.vmdemo;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.xenvmc.migration.MigrationMode;
import org.xenvmc.migration.json.JsonException;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.migration.qmp.MigrationOutcome;
import org.xenvmc.migration.vm.Guest;
import org.xenvmc.migration.vm.GuestMove;
import org.xenvmc.migration.vm.GuestTraffic;
import org.xenvmc.migration.vm.VmHost;
import org.xenvmc.migration.vm.guest.GuestProgram;

/** Two guests, a connection between them, and migrations of one of them. For one thread. */
final class VmDemo {
    private static final String MAIN = GuestProgram.class.getName();
    private static final int REGION_BYTES = 16 << 20;
    private static final int PORT = 9000;
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final Duration CALM = Duration.ofSeconds(4);
    private static final double BEFORE_S = 2;
    private static final List<String> OPTIONS = List.of(
            "-Dxenvmc.host.dir=ivshmem",
            "-Dxenvmc.network=guests",
            "-Dxenvmc.migration.sources=control",
            "-Dxenvmc.upgrade.after.operations=0");

    private final VmDemoPlan plan;
    private final PrintWriter out;
    private final long startNs = System.nanoTime();
    private final List<JsonObject> migrations = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();

    VmDemo(VmDemoPlan plan, PrintWriter out) {
        this.plan = plan;
        this.out = out;
    }

    /**
     * Shows it.
     *
     * @throws org.xenvmc.migration.vm.VmUnavailableException when something is missing for guests
     */
    VmDemoResult run() throws IOException {
        say("preparing: image, network, accelerator");
        try (VmHost host = VmHost.open(GuestClassPath.find())) {
            say("guests run with " + host.description());
            return run(host);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the demo was interrupted");
        }
    }

    private VmDemoResult run(VmHost host) throws IOException, InterruptedException {
        Path region = host.region(REGION_BYTES);
        say("booting two guests with " + (REGION_BYTES >> 20) + " MiB of shared memory between them");
        Guest stays = host.start("vm2", 2, region, MAIN, OPTIONS);
        Guest moves = plan.order() == MigrationMode.KEEP
                ? host.startKeeping("vm1", 1, region, MAIN, OPTIONS)
                : host.start("vm1", 1, region, MAIN, OPTIONS);
        moves.awaitConsole("GUEST-UP", LIMIT);
        stays.awaitConsole("GUEST-UP", LIMIT);
        say("both are up; connecting");
        stays.ask("accept " + PORT + " 77 " + plan.bytesPerSecond());
        moves.ask("connect 10.9.0.2 " + PORT + " 77 " + plan.bytesPerSecond());

        Timeline timeline = new Timeline();
        long compared = 0;
        try {
            moves = migrations(host, moves, stays, region, timeline);
            compared = compare(moves, stays);
        } catch (InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            problems.add(e.getMessage()); // what was seen until then is shown all the same
        }
        return new VmDemoResult(plan, host.description(), timeline, migrations, compared, problems);
    }

    /** Returns the guest where it is afterwards. */
    private Guest migrations(VmHost host, Guest guest, Guest stays, Path region, Timeline timeline)
            throws IOException, InterruptedException {
        Guest moves = guest;
        try (Sampler sampler = new Sampler(stays, timeline)) {
            sampler.start();
            GuestTraffic.await(moves, "shared memory", LIMIT, GuestTraffic::shared);
            sampler.awaitShared();
            timeline.forgetBefore(timeline.now() - BEFORE_S); // programs that start, and the first upgrade
            say("traffic in both directions, on shared memory, every byte compared");
            TimeUnit.NANOSECONDS.sleep(CALM.toNanos());
            for (int round = 1; round <= plan.rounds() && problems.isEmpty(); round++) {
                moves = migrate(host, moves, round, region, timeline);
                if (problems.isEmpty()) {
                    GuestTraffic.await(moves, "shared memory", LIMIT, GuestTraffic::shared);
                    sampler.awaitShared();
                    say("back on shared memory");
                }
                TimeUnit.NANOSECONDS.sleep(CALM.toNanos());
            }
        }
        return moves;
    }

    private Guest migrate(VmHost host, Guest guest, int round, Path region, Timeline timeline) throws IOException {
        say("migration " + round + " of " + plan.rounds() + ", order "
                + plan.order().name().toLowerCase(Locale.ROOT) + ": starting the QEMU that it goes to");
        GuestMove.Planning planning = GuestMove.planning(plan.order(), plan.migrationBytesPerSecond());
        try (GuestMove move = GuestMove.begin(host, guest, "vm1-" + round, region, planning)) {
            JsonObject report = move.run((step, details) -> step(timeline, step, details));
            migrations.add(report);
            judge(report);
            return move.guest();
        }
    }

    private void step(Timeline timeline, String step, JsonObject details) {
        try {
            String name = Mark.name(step);
            double ms = details.has("ms") ? details.decimal("ms") : 0;
            if (name != null) {
                timeline.add(new Mark(timeline.now(), name, ms));
                say("  " + name + (ms > 0 ? String.format(Locale.ROOT, " (%.0f ms)", ms) : "")
                        + details.text("error", ""));
            } else if (step.equals("pass")) {
                say("  round " + details.number("dirtySyncs") + ", " + details.number("remainingBytes") / 1_000_000
                        + " MB remain");
            }
        } catch (JsonException e) {
            throw new IllegalStateException(e); // it is our own
        }
    }

    private void judge(JsonObject report) throws IOException {
        if (!report.text("outcome").equals(MigrationOutcome.COMPLETED.name())) {
            problems.add("migration " + migrations.size() + ": " + report.text("outcome") + ", " + report.text("error")
                    + " (the QEMU there: " + report.text("destination") + ")");
        } else if (report.number("lost") > 0) {
            problems.add("migration " + migrations.size() + ": " + report.number("lost") + " connection(s) lost");
        }
    }

    /** Lets the traffic end, and looks whether what was sent has arrived. Each byte was compared when it came. */
    private long compare(Guest one, Guest other) throws IOException {
        one.ask("stop");
        other.ask("stop");
        GuestTraffic a = GuestTraffic.await(one, "end of the traffic", LIMIT, GuestTraffic::ended);
        GuestTraffic b = GuestTraffic.await(other, "end of the traffic", LIMIT, GuestTraffic::ended);
        if (a.sent() != b.received() || b.sent() != a.received()) {
            problems.add("of " + a.sent() + " bytes " + b.received() + " arrived, of " + b.sent() + " bytes "
                    + a.received());
        }
        say("compared " + a.received() + " and " + b.received() + " bytes");
        return a.received() + b.received();
    }

    private void say(String what) {
        out.println(String.format(Locale.ROOT, "[%5.1f s] %s", (System.nanoTime() - startNs) / 1e9, what));
        out.flush();
    }
}
