package org.xenvmc.shm.connection;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.xenvmc.shm.connection.Connection.Phase;
import org.xenvmc.transport.ReasonCode;
import org.xenvmc.transport.SwitchReport;

/**
 * Takes connections off shared memory (paper: tearing down, and finish_mig): this end publishes where its ring ends,
 * tells the peer, and waits until both rings are empty. Runs on the manager's thread.
 */
final class Relocation {
    private static final long STEP_NS = TimeUnit.MICROSECONDS.toNanos(200);
    private static final long RETRY_MS = 2;

    private final ShmConnectionManager manager;

    Relocation(ShmConnectionManager manager) {
        this.manager = manager;
    }

    /** Takes all connections off and ends the membership. */
    SwitchReport leave(ReasonCode why, long limitNs) {
        SwitchReport report = takeOff(why, limitNs);
        manager.endMembership();
        return report;
    }

    /**
     * The JVM is ending: takes all connections off and ends the membership, if that is possible within the limit.
     * Connections that cannot be taken off in time go on trying as long as the JVM lives; nothing is failed.
     *
     * @return whether the membership has ended
     */
    boolean tryLeave(long limitNs) {
        if (manager.membership() == null) {
            return true;
        }
        long deadlineNs = System.nanoTime() + limitNs;
        List<Connection> onRings = new ArrayList<>();
        for (Connection c : manager.all()) {
            c.stream().reason(ReasonCode.CLOSED);
            if (c.stream().usesSharedMemory() || c.phase != Phase.IDLE) {
                end(c, ReasonCode.CLOSED, true, Math.max(0, deadlineNs - System.nanoTime()));
                onRings.add(c);
            }
        }
        for (Connection c : onRings) {
            while (!gone(c, ReasonCode.CLOSED)) {
                if (System.nanoTime() - deadlineNs > 0) {
                    return false;
                }
            }
            settle(c, ReasonCode.CLOSED);
        }
        manager.endMembership();
        return true;
    }

    /** Takes all connections off; those that cannot be taken off in time are failed. */
    SwitchReport takeOff(ReasonCode why, long limitNs) {
        long startNs = System.nanoTime();
        List<Connection> onRings = new ArrayList<>();
        int shared = 0;
        long drainedBefore = 0;
        for (Connection c : manager.all()) {
            c.stream().reason(why);
            boolean onRing = c.stream().usesSharedMemory();
            if (onRing || c.phase != Phase.IDLE) {
                drainedBefore += c.stream().drainedBytes();
                shared += onRing ? 1 : 0;
                end(c, why, true, limitNs);
                onRings.add(c);
            }
        }
        int lost = awaitAll(onRings, why, startNs + limitNs);
        long drained =
                onRings.stream().mapToLong(c -> c.stream().drainedBytes()).sum() - drainedBefore;
        return new SwitchReport(shared, shared - lost, lost, Math.max(0, drained), System.nanoTime() - startNs);
    }

    private int awaitAll(List<Connection> left, ReasonCode why, long deadlineNs) {
        int lost = 0;
        for (Connection c : left) {
            boolean gone =
                    gone(c, why); // one look decides: a reader that has a ring in hand hides for a moment what was seen
            while (!gone && System.nanoTime() - deadlineNs < 0) {
                gone = gone(c, why); // leaveReceiver itself waits between its looks
            }
            if (!gone) {
                lost++;
                c.stream().fail(why, "the peer did not end its ring, or did not empty this one, in time");
            }
            settle(c, why);
        }
        return lost;
    }

    private boolean gone(Connection c, ReasonCode why) {
        return c.isClosed()
                || c.stream().leaveReceiver(why, STEP_NS) && c.stream().senderDrained();
    }

    private void settle(Connection c, ReasonCode why) {
        c.attempt++; // what still waits for these rings must not take the next offer for them
        c.phase = Phase.IDLE;
        c.peerVm(null);
        c.stream().reason(why);
        if (why == ReasonCode.MIGRATING && c.considered()) {
            manager.considerLater(c); // the peer may have come back while this was going on
        }
    }

    /** Publishes this end's end and tells the peer. */
    private void end(Connection c, ReasonCode why, boolean tell, long limitNs) {
        c.stream().leaveSender(why, limitNs);
        Vm peer = c.peerVm();
        if (tell && peer != null && c.phase != Phase.OFFERED && manager.membership() != null) {
            peer.send(
                    Message.LEAVE,
                    manager.message().ref(c.peerRef).small(why.code()).done());
        }
        if (c.phase == Phase.OFFERED) {
            c.phase = Phase.IDLE;
        }
    }

    /** The memory was withdrawn: no ring can be ended any more. */
    void lost(ReasonCode why) {
        for (Connection c : manager.all()) {
            c.stream().reason(why);
            if (c.stream().usesSharedMemory() || c.phase != Phase.IDLE) {
                c.attempt++;
                c.stream().memoryLost(why);
                settle(c, why);
            }
        }
    }

    /** Takes one connection off without holding up the manager: looks again every few milliseconds. */
    void start(Connection c, ReasonCode why, boolean tell) {
        end(c, why, tell, manager.switchLimitNs());
        proceed(c, c.attempt, why, System.nanoTime() + manager.switchLimitNs());
    }

    private void proceed(Connection c, int attempt, ReasonCode why, long deadlineNs) {
        if (c.attempt != attempt) {
            return; // the peer left, or there are new rings
        }
        if (gone(c, why)) {
            settle(c, why);
        } else if (System.nanoTime() - deadlineNs < 0) {
            manager.schedule(() -> proceed(c, attempt, why, deadlineNs), RETRY_MS);
        } else {
            c.stream().fail(why, "the peer did not end its ring, or did not empty this one, in time");
            settle(c, why);
        }
    }
}
