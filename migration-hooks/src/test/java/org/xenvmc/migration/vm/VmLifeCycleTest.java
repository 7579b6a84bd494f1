package org.xenvmc.migration.vm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.migration.vm.guest.GuestProgram;

/**
 * Two real guests with shared memory between them; one is moved, live, between two QEMU processes while the connection carries data in both
 * directions and every byte is compared. {@code -Dxenvmc.vm.rounds=20} moves it so often.
 */
@Tag("vm")
@Timeout(600)
class VmLifeCycleTest {
    private static final String MAIN = GuestProgram.class.getName();
    private static final int REGION_BYTES = 16 << 20;
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final long RATE = Long.getLong("xenvmc.vm.rate", 2_000_000);
    private static final int ROUNDS = Integer.getInteger("xenvmc.vm.rounds", 1);

    private static final List<String> OPTIONS = List.of(
            "-Dxenvmc.host.dir=ivshmem",
            "-Dxenvmc.network=guests",
            "-Dxenvmc.upgrade.after.operations=0",
            "-Dxenvmc.switch.limit.ms=20000");

    /** Where the connection of a guest stands. */
    private record Status(long sent, long received, String sending, String receiving, String reason, String failure) {
        static Status of(Guest guest) throws IOException {
            String[] w = guest.ask("status").split(" ", 6);
            return new Status(
                    Long.parseLong(w[0]), Long.parseLong(w[1]), w[2], w[3], w[4], w.length > 5 ? w[5].trim() : "");
        }

        boolean shared() {
            return sending.equals("SHARED_MEMORY") && receiving.equals("SHARED_MEMORY");
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

    private static VmHost host() throws IOException {
        try {
            return VmHost.open(classPath());
        } catch (VmUnavailableException e) {
            return Assumptions.abort("real guests cannot be tried here: " + e.getMessage());
        }
    }

    private static Status await(Guest guest, String what, java.util.function.Predicate<Status> wanted)
            throws IOException {
        long startNs = System.nanoTime();
        while (true) {
            Status s = Status.of(guest);
            assertThat(s.failure()).as("failure in the guest").isEmpty();
            if (wanted.test(s)) {
                return s;
            }
            if (System.nanoTime() - startNs > LIMIT.toNanos()) {
                throw new AssertionError("no " + what + ": " + s + ", " + guest.ask("host") + "\n" + guest.console());
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
        }
    }

    /** Data goes on in both directions, over shared memory at both ends. */
    private static void awaitShared(Guest a, Guest b) throws IOException {
        Status before = await(a, "shared memory in the first guest", Status::shared);
        await(b, "shared memory in the second guest", Status::shared);
        await(a, "data", s -> s.received() > before.received() + 200_000 && s.sent() > before.sent() + 200_000);
    }

    @Test
    void shouldKeepTheConnectionWhenAGuestIsMovedBetweenTwoProcesses() throws Exception {
        try (VmHost host = host()) {
            System.out.println("guests: " + host.description());
            Path region = host.region(REGION_BYTES);
            Guest b = host.start("b", 2, region, MAIN, OPTIONS);
            Guest a = host.start("a0", 1, region, MAIN, OPTIONS);
            a.awaitConsole("GUEST-UP", LIMIT);
            b.awaitConsole("GUEST-UP", LIMIT);
            b.ask("accept 9000 77 " + RATE);
            a.ask("connect 10.9.0.2 9000 77 " + RATE);
            awaitShared(a, b);
            for (int round = 1; round <= ROUNDS; round++) {
                a = move(host, a, round, region, b);
            }
            a.ask("stop");
            b.ask("stop");
            Status end = await(a, "end", s -> s.received() > 0);
            System.out.println("moved " + ROUNDS + " time(s); at the end " + end);
        }
    }

    /** One migration: off shared memory, unplug, move, plug in, back on shared memory. */
    private static Guest move(VmHost host, Guest a, int round, Path region, Guest b) throws Exception {
        long startNs = System.nanoTime();
        String report = a.ask("leave");
        Status left = Status.of(a);
        assertThat(left.sending()).isEqualTo("FRAMED_TCP");
        a.unplug(LIMIT);
        Path socket = host.folder().resolve("migration-" + round);
        Guest next = host.await("a" + round, 1, MAIN, OPTIONS, "unix:" + socket);
        JsonObject info = a.migrate("unix:" + socket, LIMIT);
        a.close();
        Status there = await(next, "data over TCP", s -> s.received() > left.received() + 100_000);
        assertThat(there.sending()).isEqualTo("FRAMED_TCP");
        next.plug(region);
        next.ask("join");
        awaitShared(next, b);
        System.out.println("round " + round + ": " + (System.nanoTime() - startNs) / 1_000_000 + " ms in all; " + report
                + "; QEMU: total " + info.number("total-time") + " ms, downtime " + info.number("downtime") + " ms");
        return next;
    }
}
