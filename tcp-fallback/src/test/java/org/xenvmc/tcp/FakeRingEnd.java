package org.xenvmc.tcp;

import java.util.concurrent.TimeUnit;

/** What both ends of a {@link FakeRing} have in common. */
abstract class FakeRingEnd {
    private final FakeRing ring;
    private Runnable signal = () -> {};
    private boolean armed;
    private boolean kicked;
    private int kicks;
    private int seen;
    private int waiting;
    private int releases;

    FakeRingEnd(FakeRing ring) {
        this.ring = ring;
    }

    abstract boolean somethingThere();

    /** What to do when this end has asked for a notification and something happened. */
    void onSignal(Runnable action) {
        signal = action;
    }

    boolean released() {
        synchronized (ring) {
            return releases > 0;
        }
    }

    /** How often it was kicked. */
    int kicks() {
        synchronized (ring) {
            return kicks;
        }
    }

    /** Threads inside await. */
    int waiting() {
        synchronized (ring) {
            return waiting;
        }
    }

    void use(String call) {
        if (releases > 0) {
            ring.misuses.add(call + " after release");
        }
    }

    public void observe() {
        synchronized (ring) {
            use("observe");
            seen = ring.changes;
        }
    }

    public void await(long timeoutNs) {
        synchronized (ring) {
            use("await");
            long deadline = timeoutNs == Long.MAX_VALUE ? timeoutNs : System.nanoTime() + timeoutNs;
            waiting++;
            try {
                while (!somethingThere() && seen == ring.changes && !kicked) {
                    if (!sleepUntil(deadline)) {
                        break;
                    }
                }
            } finally {
                waiting--;
                kicked = false;
            }
        }
    }

    /** False when the time is over. */
    private boolean sleepUntil(long deadline) {
        try {
            if (deadline == Long.MAX_VALUE) {
                ring.wait();
                return true;
            }
            long leftNs = deadline - System.nanoTime();
            if (leftNs > 0) {
                ring.wait(TimeUnit.NANOSECONDS.toMillis(leftNs) + 1);
            }
            return leftNs > 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    public void kick() {
        synchronized (ring) {
            kicked = releases == 0;
            kicks++;
            ring.notifyAll();
        }
    }

    public boolean arm() {
        synchronized (ring) {
            armed = true;
            return releases > 0 || somethingThere() || seen != ring.changes;
        }
    }

    /** To be run outside the monitor by the end that has changed something. */
    Runnable takeSignal() {
        boolean was = armed;
        armed = false;
        ring.signals += was ? 1 : 0;
        return was ? signal : () -> {};
    }

    public int capacityBytes() {
        return ring.bytes.length;
    }

    public int fillBytes() {
        synchronized (ring) {
            return (int) (ring.put - ring.taken);
        }
    }

    public long sleeps() {
        return 0;
    }

    public long wakeUps() {
        synchronized (ring) {
            return ring.signals;
        }
    }

    void releaseOnce() {
        releases++;
        ring.changed();
    }
}
