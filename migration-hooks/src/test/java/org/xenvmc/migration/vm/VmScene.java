package org.xenvmc.migration.vm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Assumptions;
import org.xenvmc.migration.MigrationMode;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.migration.qmp.MigrationSteps;
import org.xenvmc.migration.vm.guest.GuestProgram;

/** Two guests with shared memory between them, and a connection with checked traffic in both directions. */
final class VmScene implements AutoCloseable {
    static final Duration LIMIT = Duration.ofSeconds(90);
    static final String MAIN = GuestProgram.class.getName();
    private static final int REGION_BYTES = 16 << 20;
    static final long RATE = Long.getLong("xenvmc.vm.rate", 2_000_000);
    private static final long SOME_BYTES = 200_000;
    private static final long LOOK_AGAIN_NS = 200_000_000;

    static final List<String> OPTIONS = List.of(
            "-Dxenvmc.host.dir=ivshmem",
            "-Dxenvmc.network=guests",
            "-Dxenvmc.migration.sources=control",
            "-Dxenvmc.upgrade.after.operations=0",
            "-Dxenvmc.switch.limit.ms=20000");

    private final VmHost host;
    private final MigrationMode order;
    private final long beginNs = System.nanoTime();
    private final Path here;
    private final Path there;
    private final Guest stays;
    private Guest moves;
    private int number;

    private VmScene(VmHost host, MigrationMode order) throws IOException {
        this.host = host;
        this.order = order;
        here = host.region(REGION_BYTES);
        there = host.region(REGION_BYTES);
        stays = host.start("stays", 2, here, MAIN, OPTIONS);
        moves = order == MigrationMode.KEEP
                ? host.startKeeping("moves0", 1, here, MAIN, OPTIONS)
                : host.start("moves0", 1, here, MAIN, OPTIONS);
        stays.awaitConsole("GUEST-UP", LIMIT);
        moves.awaitConsole("GUEST-UP", LIMIT);
        stays.ask("accept 9000 77 " + RATE);
        moves.ask("connect 10.9.0.2 9000 77 " + RATE);
        awaitShared();
        say("on shared memory, " + host.description());
    }

    /** Skips the test, with the word for it, where guests cannot run. */
    static VmScene open(MigrationMode order) throws IOException {
        VmHost host = openHost();
        try {
            return new VmScene(host, order);
        } catch (IOException | RuntimeException | Error e) {
            host.close();
            throw e;
        }
    }

    /** Skips the test, with the word for it, where guests cannot run. */
    static VmHost openHost() throws IOException {
        try {
            return VmHost.open(classPath());
        } catch (VmUnavailableException e) {
            return Assumptions.abort("real guests cannot be tried here: " + e.getMessage());
        }
    }

    private static List<Path> classPath() {
        String path = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        List<String> wanted =
                List.of("transport-api", "shm-channel", "tcp-fallback", "migration-hooks", "jna", "agrona", "netty");
        return Arrays.stream(path.split(File.pathSeparator))
                .map(Path::of)
                .filter(p -> !p.endsWith("test-classes"))
                .filter(p -> wanted.stream().anyMatch(p.toString()::contains))
                .toList();
    }

    /** How fast, or how slowly, and for how many rounds memory is copied. */
    GuestMove.Planning plan(long bytesPerSecond) {
        return GuestMove.planning(order, bytesPerSecond);
    }

    Path here() {
        return here;
    }

    Path there() {
        return there;
    }

    Guest stays() {
        return stays;
    }

    Guest moves() {
        return moves;
    }

    /** A move of the guest, which has not begun. */
    GuestMove move(Path region, GuestMove.Planning planning) throws IOException {
        return GuestMove.begin(host, moves, "moves" + ++number, region, planning);
    }

    JsonObject run(GuestMove move, MigrationSteps steps) throws IOException {
        try (move) {
            JsonObject report = move.run(steps);
            moves = move.guest();
            say(report.toString());
            return report;
        }
    }

    /** Moves it, looks that everything went well, and returns how many connections left shared memory for it. */
    long moveTo(Path region) throws IOException {
        JsonObject report = run(move(region, plan(0)), (step, details) -> {});
        assertThat(report.text("outcome")).as("%s", report).isEqualTo("COMPLETED");
        assertThat(report.number("lost")).isZero();
        return report.number("moved");
    }

    /** Data goes on in both directions, over shared memory at both ends. */
    void awaitShared() throws IOException {
        GuestTraffic.await(stays, "shared memory", LIMIT, GuestTraffic::shared);
        GuestTraffic before = GuestTraffic.await(moves, "shared memory", LIMIT, GuestTraffic::shared);
        GuestTraffic after = awaitData(before);
        assertThat(after.sentByMemory()).isGreaterThan(before.sentByMemory());
        assertThat(after.receivedByMemory()).isGreaterThan(before.receivedByMemory());
    }

    /** Data goes on in both directions, over TCP at both ends. */
    void awaitTcp() throws IOException {
        GuestTraffic before = GuestTraffic.await(
                moves,
                "TCP",
                LIMIT,
                t -> t.sending().equals("FRAMED_TCP") && t.receiving().equals("FRAMED_TCP"));
        GuestTraffic after = awaitData(before);
        assertThat(after.sentByMemory()).isEqualTo(before.sentByMemory());
        assertThat(after.receivedByMemory()).isEqualTo(before.receivedByMemory());
    }

    private GuestTraffic awaitData(GuestTraffic before) throws IOException {
        return GuestTraffic.await(
                moves,
                "data",
                LIMIT,
                t -> t.received() > before.received() + SOME_BYTES && t.sent() > before.sent() + SOME_BYTES);
    }

    /** What ended the traffic of a guest, in both directions. */
    static String awaitFailure(Guest guest) throws IOException {
        long startNs = System.nanoTime();
        GuestTraffic traffic = GuestTraffic.of(guest);
        while (traffic.failure().isEmpty() || !traffic.ended()) {
            assertThat(System.nanoTime() - startNs).as("%s", traffic).isLessThan(LIMIT.toNanos());
            LockSupport.parkNanos(LOOK_AGAIN_NS);
            traffic = GuestTraffic.of(guest);
        }
        return traffic.failure();
    }

    /** Ends the traffic: what was sent has arrived, all of it, and every byte was right. */
    void finish() throws IOException {
        moves.ask("stop");
        stays.ask("stop");
        GuestTraffic one = GuestTraffic.await(moves, "end", LIMIT, GuestTraffic::ended);
        GuestTraffic other = GuestTraffic.await(stays, "end", LIMIT, GuestTraffic::ended);
        assertThat(one.received()).isEqualTo(other.sent());
        assertThat(other.received()).isEqualTo(one.sent());
        say("compared " + one.received() + " and " + other.received() + " bytes");
    }

    private void say(String what) {
        System.out.printf("[%5.1f s] %s: %s%n", (System.nanoTime() - beginNs) / 1e9, order, what);
    }

    @Override
    public void close() throws IOException {
        host.close();
    }
}
