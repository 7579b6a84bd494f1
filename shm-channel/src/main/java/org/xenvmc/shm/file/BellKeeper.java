package org.xenvmc.shm.file;

import static org.xenvmc.shm.file.Bell.ASLEEP;
import static org.xenvmc.shm.file.Bell.AWAKE;
import static org.xenvmc.shm.file.Bell.POLLED;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.xenvmc.shm.mailbox.MailboxReader;
import org.xenvmc.shm.provider.HostListener;
import org.xenvmc.transport.spi.SignalPoller;

/**
 * The thread that sleeps on this VM's {@link Bell} and delivers signals and messages; and the poller with which selectors
 * do the former themselves.
 *
 * <p>Why no wake-up is lost with pollers. Their number is counted privately. The bell says POLLED only while somebody is
 * counted, or while the one who counted down to 0, or the thread, is about to put it right:
 * <ul>
 *   <li>a poller counts itself, then changes ASLEEP to POLLED; so whoever wrote POLLED is counted;
 *   <li>the last poller counts down to 0, then changes POLLED to ASLEEP, then reads the top word and wakes the thread if
 *       anything is marked: the setter that saw POLLED had marked before, and is found by that read (or by a later
 *       poller, or by the thread, which read the top word after ASLEEP was written);
 *   <li>the thread writes what fits the number, then reads the number again, and repeats if that does not fit.
 * </ul>
 * Messages are not for pollers: a poller that sees one wakes the thread.
 */
final class BellKeeper implements Runnable, SignalPoller {
    private static final Logger LOG = System.getLogger(BellKeeper.class.getName());
    private static final int MESSAGES_AT_ONCE = 256;
    /** An honest producer commits within microseconds; one that was stopped in between may be skipped after this. */
    static final long ABANDONED_AFTER_NS = TimeUnit.SECONDS.toNanos(1);

    private final VmEntry entry;
    private final SignalBitmap signals;
    private final Bell bell;
    private final MailboxReader mailbox;
    private final HostListener listener;
    private final BooleanSupplier worthSpinning;
    private final long abandonedAfterNs;
    private final AtomicInteger pollers = new AtomicInteger();
    private volatile boolean stopped;
    private volatile long sleeps;

    /** Of the thread: where the mailbox is blocked by a claim that is not committed, and when to skip it. */
    private long blockedAt = -1;

    private long skipAtNs;

    BellKeeper(VmEntry entry, HostListener listener, BooleanSupplier worthSpinning, long abandonedAfterNs) {
        this.entry = entry;
        this.signals = entry.signals;
        this.bell = entry.bell;
        this.mailbox = new MailboxReader(entry.mailbox);
        this.listener = listener;
        this.worthSpinning = worthSpinning;
        this.abandonedAfterNs = abandonedAfterNs;
    }

    @Override
    public void run() {
        while (!stopped) {
            bell.setVolatile(AWAKE);
            signals.drain(this::signalled);
            boolean mail = signals.takeMail();
            sleep(readMail(mail));
        }
    }

    /** Returns how long the thread may sleep at most. */
    private long readMail(boolean mail) {
        if (mail && mailbox.read(this::message, MESSAGES_AT_ONCE) == MESSAGES_AT_ONCE) {
            signals.setMail(); // there may be more: looked at again, after the signals
            return Long.MAX_VALUE;
        }
        if (!mail && blockedAt < 0) {
            return Long.MAX_VALUE;
        }
        return mailbox.blocked() ? untilSkip(mail) : notBlocked();
    }

    private long notBlocked() {
        blockedAt = -1;
        return Long.MAX_VALUE;
    }

    /** A claim in front of everything is not committed: gives its producer time, then skips it. */
    private long untilSkip(boolean mail) {
        long now = System.nanoTime();
        if (mailbox.position() != blockedAt) {
            blockedAt = mailbox.position();
            skipAtNs = now + abandonedAfterNs;
        }
        if (skipAtNs - now > 0) {
            return skipAtNs - now;
        }
        if (mailbox.unblock()) {
            LOG.log(Level.WARNING, "a message was given up: its sender stopped in the middle of writing it");
            signals.setMail();
        }
        return notBlocked(); // or nothing lies behind the claim: the next message begins this anew
    }

    private void sleep(long limitNs) {
        int state = settle();
        long top = signals.topVolatile();
        boolean pending = SignalBitmap.hasMail(top) || (state == ASLEEP && SignalBitmap.hasSignals(top));
        if (!pending && !stopped) {
            sleeps = sleeps + 1;
            bell.await(state, limitNs);
        }
    }

    /** Announces that the thread is about to sleep; returns what it wrote. */
    private int settle() {
        while (true) {
            int state = pollers.get() > 0 ? POLLED : ASLEEP;
            bell.setVolatile(state); // with the read in Bell.ring
            if (pollers.get() > 0 == (state == POLLED)) {
                return state;
            }
        }
    }

    private void signalled(int connection) {
        try {
            listener.signalled(connection);
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "signal for connection " + connection + " could not be handled", e);
        }
    }

    private void message(int type, ByteBuffer payload) {
        if (!stopped) {
            listener.message(type, payload);
        }
    }

    /** Ends the thread. */
    void stop() {
        stopped = true;
        bell.wake();
    }

    @Override
    public boolean worthSpinning() {
        return worthSpinning.getAsBoolean();
    }

    @Override
    public void enter() {
        if (pollers.incrementAndGet() == 1) {
            bell.change(ASLEEP, POLLED);
        }
    }

    @Override
    public boolean poll() {
        long top = signals.topVolatile();
        if (top == 0) {
            return false;
        }
        if (SignalBitmap.hasMail(top) && bell.isPolled()) {
            bell.wake();
        }
        return SignalBitmap.hasSignals(top) && !stopped && signals.drain(this::signalled);
    }

    @Override
    public void exit() {
        if (pollers.decrementAndGet() == 0) {
            bell.change(POLLED, ASLEEP);
            if (signals.topVolatile() != 0) {
                bell.wake();
            }
        }
    }

    /** How often the thread went to sleep, for tests. */
    long sleeps() {
        return sleeps;
    }

    /** How often the mailbox had to be emptied, and claims to be skipped. */
    long mailboxErrors() {
        return mailbox.resets() + mailbox.unblocks();
    }

    VmEntry entry() {
        return entry;
    }
}
