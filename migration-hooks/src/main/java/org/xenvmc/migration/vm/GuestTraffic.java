package org.xenvmc.migration.vm;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/**
 * How the checked traffic of a guest's program ({@link org.xenvmc.migration.vm.guest.GuestProgram}) stands.
 *
 * @param sent bytes given to the connection
 * @param received bytes taken from it, each of them compared
 * @param sentByMemory bytes that went out through shared memory
 * @param receivedByMemory bytes that came in through shared memory
 * @param sentByTcp bytes that went out over TCP
 * @param receivedByTcp bytes that came in over TCP
 * @param sending path of the outgoing direction
 * @param receiving path of the incoming direction
 * @param ended whether both directions came to their end
 * @param failure what went wrong; empty when nothing did
 */
public record GuestTraffic(
        long sent,
        long received,
        long sentByMemory,
        long receivedByMemory,
        long sentByTcp,
        long receivedByTcp,
        String sending,
        String receiving,
        boolean ended,
        String failure) {
    private static final long LOOK_AGAIN_NS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final int WORDS = 10;

    /** Asks the guest. */
    public static GuestTraffic of(Guest guest) throws IOException {
        String[] w = guest.ask("flow").split(" ", WORDS);
        return new GuestTraffic(
                Long.parseLong(w[0]),
                Long.parseLong(w[1]),
                Long.parseLong(w[2]),
                Long.parseLong(w[3]),
                Long.parseLong(w[4]),
                Long.parseLong(w[5]),
                w[6],
                w[7],
                Boolean.parseBoolean(w[8]),
                w.length < WORDS ? "" : w[WORDS - 1].trim());
    }

    /** Whether both directions are on shared memory. */
    public boolean shared() {
        return sending.equals("SHARED_MEMORY") && receiving.equals("SHARED_MEMORY");
    }

    /**
     * Asks until it is so.
     *
     * @throws IOException when a byte differed, and when it is not so within the limit; with what the guest says
     */
    public static GuestTraffic await(Guest guest, String what, Duration limit, Predicate<GuestTraffic> wanted)
            throws IOException {
        long startNs = System.nanoTime();
        while (true) {
            GuestTraffic traffic = of(guest);
            if (!traffic.failure.isEmpty()) {
                throw new IOException("guest " + guest.name() + ": " + traffic.failure);
            }
            if (wanted.test(traffic)) {
                return traffic;
            }
            if (System.nanoTime() - startNs > limit.toNanos()) {
                throw new IOException("guest " + guest.name() + ": no " + what + " within " + limit.toSeconds() + " s: "
                        + traffic + ", " + guest.ask("host"));
            }
            LockSupport.parkNanos(LOOK_AGAIN_NS);
        }
    }
}
