package org.xenvmc.shm.ivshmem;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.xenvmc.shm.file.SignalBitmap;
import org.xenvmc.shm.mailbox.MailboxReader;
import org.xenvmc.shm.provider.HostListener;
import org.xenvmc.transport.ReasonCode;

/**
 * A VM's own thread in a world without interrupts: shows that the VM lives, finds out who came and went, delivers messages, and signals
 * that no frame told of. It looks every millisecond while something happens, and ever less often when nothing does: {@value
 * #SLOWEST_MS} ms in an idle VM, which costs it nothing that could be measured.
 */
final class Ticker implements Runnable {
    private static final Logger LOG = System.getLogger(Ticker.class.getName());
    private static final long FASTEST_NS = TimeUnit.MILLISECONDS.toNanos(1);
    static final long SLOWEST_MS = 64;
    private static final long SLOWEST_NS = TimeUnit.MILLISECONDS.toNanos(SLOWEST_MS);
    private static final long LIVELY_NS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long COMPARE_NS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long ABANDONED_AFTER_NS = TimeUnit.SECONDS.toNanos(1);
    private static final int MESSAGES_AT_ONCE = 256;

    private final Place own;
    private final long owner;
    private final long beatNs;
    private final IvshmemMembers members;
    private final MailboxReader mailbox;
    private final HostListener listener;
    private final Haste haste;
    private volatile Thread thread;
    private volatile boolean stopped;
    private volatile long looks;
    private long intervalNs = FASTEST_NS;
    private long livelyUntilNs;
    private long beatAtNs;
    private long compareAtNs;
    private long blockedAt = -1;
    private long skipAtNs;

    Ticker(Place own, long owner, long leaseNs, IvshmemMembers members, HostListener listener, Haste haste) {
        this.own = own;
        this.owner = owner;
        this.beatNs = leaseNs / 10;
        this.members = members;
        this.listener = listener;
        this.haste = haste;
        this.mailbox = new MailboxReader(own.mailbox);
        this.beatAtNs = System.nanoTime();
        this.compareAtNs = beatAtNs;
        this.livelyUntilNs = beatAtNs + LIVELY_NS;
    }

    @Override
    public void run() {
        thread = Thread.currentThread();
        haste.of(thread);
        while (!stopped) {
            if (!own.region.present() || own.owner() != owner) {
                lost();
                return;
            }
            tick(System.nanoTime());
            looks = looks + 1;
            if (!stopped && !haste.asked()) {
                LockSupport.parkNanos(this, intervalNs);
            }
        }
    }

    private void lost() {
        stopped = true;
        LOG.log(
                Level.WARNING,
                own.region.present()
                        ? "this VM's place in the shared region was given to another: it was stopped for too long"
                        : "the shared region was withdrawn without notice");
        listener.lost(ReasonCode.MEMORY_WITHDRAWN);
    }

    private void tick(long nowNs) {
        if (nowNs - beatAtNs >= 0) {
            own.beat();
            beatAtNs = nowNs + beatNs;
        }
        if (nowNs - compareAtNs >= 0) {
            members.compare(nowNs);
            compareAtNs = nowNs + COMPARE_NS;
        }
        boolean found = own.signals.drain(this::signalled) | readMail(nowNs) | haste.take();
        if (found) {
            livelyUntilNs = nowNs + LIVELY_NS;
            intervalNs = FASTEST_NS;
        } else if (nowNs - livelyUntilNs > 0) {
            intervalNs = Math.min(SLOWEST_NS, intervalNs << 1);
        }
    }

    private boolean readMail(long nowNs) {
        boolean mail = own.signals.takeMail();
        if (mail && mailbox.read(this::message, MESSAGES_AT_ONCE) == MESSAGES_AT_ONCE) {
            own.signals.setMail();
        }
        if (mail || blockedAt >= 0) {
            skipAbandoned(nowNs);
        }
        return mail;
    }

    /** A claim in front of everything is not committed: gives its producer time, then skips it. */
    private void skipAbandoned(long nowNs) {
        if (!mailbox.blocked()) {
            blockedAt = -1;
        } else if (mailbox.position() != blockedAt) {
            blockedAt = mailbox.position();
            skipAtNs = nowNs + ABANDONED_AFTER_NS;
        } else if (nowNs - skipAtNs >= 0) {
            blockedAt = -1;
            if (mailbox.unblock()) {
                LOG.log(Level.WARNING, "a message was given up: its sender stopped in the middle of writing it");
                own.signals.setMail();
            }
        }
    }

    private void message(int type, ByteBuffer payload) {
        if (!stopped) {
            listener.message(type, payload);
        }
    }

    private void signalled(int connection) {
        try {
            listener.signalled(connection);
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "signal for connection " + connection + " could not be handled", e);
        }
    }

    /** Delivers signals on behalf of a thread that looks itself. */
    boolean poll() {
        return SignalBitmap.hasSignals(own.signals.topVolatile()) && !stopped && own.signals.drain(this::signalled);
    }

    void stop() {
        stopped = true;
        LockSupport.unpark(thread);
    }

    /** How often it looked, for tests. */
    long looks() {
        return looks;
    }
}
