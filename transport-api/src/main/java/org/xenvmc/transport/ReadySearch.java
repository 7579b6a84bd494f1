package org.xenvmc.transport;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.xenvmc.transport.spi.SignalPoller;
import org.xenvmc.transport.spi.TransportEngine;

/**
 * Finds the keys of one selector that are ready, on TCP or by shared memory, waiting if need be.
 *
 * <p>Keys that may be ready by shared memory are <em>hot</em>: new ones, those whose interest changed, those that were
 * signalled, and those found ready last time (readiness is level-triggered). A selection evaluates the hot keys only:
 * what is not ready asks its stream for a signal and leaves. So the cost follows what is ready, not what is registered.
 * While a selector that serves a few busy connections spins, it looks at them itself, and only asks for signals before it
 * sleeps: that spares both ends the signals.
 *
 * <p>{@link #signalled} and {@link #wakeup} may be called by any thread; everything else by the holder of the
 * selector's monitor.
 */
final class ReadySearch {
    /** How many selections, and how much time, may pass while what is ready by shared memory keeps us from TCP. */
    private static final int SELECTIONS_WITHOUT_TCP = 16;

    private static final long NS_WITHOUT_TCP = TimeUnit.MICROSECONDS.toNanos(50);

    /** How many keys a spinning selector looks at by itself. */
    private static final int KEYS_LOOKED_AT = 4;

    /** Looks at the clock while spinning: every so many polls. */
    private static final int POLLS_PER_CLOCK = 8;

    private final Selector selector;
    private final Selector jdk;
    private final VmcSelectorProvider provider;
    /** Waking a selector takes two threads at each end, so a spin that is to outlast it is longer than a reader's. */
    private static final int WAKE_UPS = 4;

    private final AdaptiveSpin spin;

    private final SignalStack signals = new SignalStack();
    private final ParkedFlag parked = new ParkedFlag();
    private volatile boolean wakeupRequested;

    private final KeyBatch hot = new KeyBatch();
    private final KeyBatch found = new KeyBatch();
    private final Consumer<SelectionKey> collector = this::collect;

    private boolean looked; // at TCP, in this selection
    private boolean mixed; // a key that is ready by shared memory may have more that is ready on TCP
    private boolean filtered; // the JDK found something that was not for the application
    private boolean wakeupOwed; // a waker may not have come to the JDK's selector yet
    private int selectionsWithoutTcp;
    private long lastLookNs;

    ReadySearch(Selector selector, Selector jdk, VmcSelectorProvider provider) {
        this.selector = selector;
        this.jdk = jdk;
        this.provider = provider;
        VmcContext context = provider.context();
        this.spin = new AdaptiveSpin(
                context.waitStrategy(),
                WAKE_UPS * context.spinNs(),
                Runtime.getRuntime().availableProcessors());
    }

    // -- any thread

    /** Has the key evaluated: at once if the selector sleeps, else before it sleeps or with the next selection. */
    void signalled(VmcSelectionKey key) {
        signals.push(key);
        wakeIfParked();
    }

    /** Ends the wait in progress, or else the next. */
    void wakeup() {
        wakeupRequested = true;
        wakeIfParked();
    }

    private void wakeIfParked() {
        if (parked.claimWakeup()) {
            jdk.wakeup();
        }
    }

    // -- the selecting thread

    /**
     * Finds ready keys.
     *
     * @param timeoutMs 0: do not wait; negative: wait without limit
     * @return the keys, each with {@link VmcSelectionKey#found}; empty when the time is over, or after wakeup,
     *     interrupt or close. Valid until {@link #forget}.
     */
    KeyBatch find(long timeoutMs) throws IOException {
        boolean wait = !takeWakeup() && timeoutMs != 0;
        evaluateHot(!mayLook());
        if (wait && found.size() == 0) {
            await(timeoutMs);
        }
        if (!looked && (found.size() == 0 || mixed || timeToLookAtTcp())) {
            lookAtTcp();
        }
        return found;
    }

    /** The keys of {@link #find} were published. */
    void forget() {
        for (int i = 0; i < found.size(); i++) {
            found.get(i).found = 0;
        }
        found.truncate(0);
        looked = false;
        mixed = false;
    }

    /** Collects what is ready on TCP now. Also removes the cancelled keys of the JDK's selector. */
    void lookAtTcp() throws IOException {
        looked = true;
        selectionsWithoutTcp = 0;
        jdk.selectNow(collector);
    }

    private boolean timeToLookAtTcp() {
        long now = System.nanoTime();
        if (selectionsWithoutTcp++ == 0) {
            lastLookNs = now; // the first selection without a look: the last look was just before
        }
        return selectionsWithoutTcp >= SELECTIONS_WITHOUT_TCP || now - lastLookNs >= NS_WITHOUT_TCP;
    }

    private boolean takeWakeup() {
        if (!wakeupRequested) {
            return false;
        }
        wakeupRequested = false;
        return true;
    }

    /** Whether a spin follows that can look at the few keys that are hot. */
    private boolean mayLook() {
        return (spin.endless() || spin.limitNs() > 0) && hot.size() <= KEYS_LOOKED_AT;
    }

    /** @param arm whether keys that are not ready ask for a signal, and leave; otherwise those on shared memory stay */
    private void evaluateHot(boolean arm) {
        for (VmcSelectionKey key = signals.takeAll(); key != null; ) {
            VmcSelectionKey next = SignalStack.release(key);
            if (!key.hot) {
                key.hot = true;
                hot.add(key);
            }
            key = next;
        }
        int kept = 0;
        int i = 0;
        try {
            for (; i < hot.size(); i++) {
                VmcSelectionKey key = hot.get(i);
                key.hot = evaluate(key, arm || kept >= KEYS_LOOKED_AT);
                if (key.hot) {
                    hot.keep(kept++, key);
                }
            }
        } finally {
            while (i < hot.size()) { // a stream failed: its key and those after it stay
                hot.keep(kept++, hot.get(i++));
            }
            hot.truncate(kept);
        }
    }

    /** Returns whether the key stays hot. */
    private boolean evaluate(VmcSelectionKey key, boolean arm) {
        if (!key.isValid()) {
            return false;
        }
        boolean ready = addFound(key, key.evaluate(arm));
        mixed |= ready && key.watchesTcp();
        return ready || key.unarmed;
    }

    private boolean anyReadyUnarmed() {
        for (int i = 0; i < hot.size(); i++) {
            if (hot.get(i).readyUnarmed()) {
                return true;
            }
        }
        return false;
    }

    private boolean addFound(VmcSelectionKey key, int ready) {
        int useful = ready & key.interest();
        if (useful == 0) {
            return false;
        }
        if (key.found == 0) {
            found.add(key);
        }
        key.found |= useful;
        return true;
    }

    /** Called by the JDK's selector for each of its keys that is ready. */
    private void collect(SelectionKey below) {
        VmcSelectionKey key = (VmcSelectionKey) below.attachment();
        if (!addFound(key, key.readyBelow(below))) {
            filtered = true;
            signals.push(key); // a frame may have changed the path
        }
    }

    // -- waiting

    private void await(long timeoutMs) throws IOException {
        long startNs = timeoutMs > 0 ? System.nanoTime() : 0;
        long timeoutNs = TimeUnit.MILLISECONDS.toNanos(timeoutMs);
        long remainingNs = timeoutNs;
        do {
            filtered = false;
            boolean again = spin(remainingNs);
            if (!again) {
                evaluateHot(true); // from now on somebody else has to tell us
                if (found.size() > 0) {
                    return;
                }
                again = park(remainingNs);
            }
            evaluateHot(!mayLook());
            if (found.size() > 0 || takeWakeup() || !again && !filtered || interruptedOrClosed()) {
                return;
            }
            if (timeoutMs > 0) {
                remainingNs = timeoutNs - (System.nanoTime() - startNs);
            }
        } while (timeoutMs < 0 || remainingNs > 0);
    }

    private boolean interruptedOrClosed() {
        return Thread.currentThread().isInterrupted() || !selector.isOpen();
    }

    /**
     * Sleeps in the JDK's selector, unless there is a reason not to.
     *
     * @return whether it makes sense to look for signals and to sleep on. If not, the JDK's selector had a reason of
     *     its own (the time is over, an interrupt, a key that it cannot report): then we return as it does.
     */
    private boolean park(long remainingNs) throws IOException {
        TransportEngine engine = provider.engineIfMade();
        boolean learn = engine != null && engine.signalPoller().worthSpinning();
        long beforeNs = learn ? System.nanoTime() : 0;
        boolean woken;
        parked.set();
        try {
            // after the flag, see ParkedFlag
            if (signals.isEmpty() && !wakeupRequested) {
                looked = true;
                selectionsWithoutTcp = 0;
                jdk.select(collector, roundedUpMs(remainingNs));
            }
        } finally {
            woken = parked.clear();
        }
        boolean signalled = !signals.isEmpty();
        if (learn) {
            spin.slept(System.nanoTime() - beforeNs, signalled);
        }
        boolean again = woken || signalled || wakeupOwed;
        wakeupOwed = woken;
        return again;
    }

    /** For the JDK's selector: 0 means without limit. */
    private static long roundedUpMs(long ns) {
        return ns < 0 ? 0 : Math.max(1, TimeUnit.NANOSECONDS.toMillis(ns + 999_999));
    }

    /**
     * Looks for signals for a while.
     *
     * @return whether there is something to evaluate
     */
    private boolean spin(long remainingNs) throws IOException {
        long limitNs = spin.endless() ? NS_WITHOUT_TCP : spin.limitNs();
        if (limitNs == 0) {
            return false;
        }
        TransportEngine engine = provider.engineIfMade();
        SignalPoller poller = engine == null ? null : engine.signalPoller();
        if (poller == null || !poller.worthSpinning()) {
            return false;
        }
        return spin.endless() ? spinOn(poller, limitNs, remainingNs) : spinOnce(poller, limitNs);
    }

    private boolean spinOnce(SignalPoller poller, long limitNs) {
        poller.enter();
        try {
            return pollUntil(poller, limitNs);
        } finally {
            poller.exit();
        }
    }

    /** Spins on, looking at TCP now and then, while there is anything on shared memory. */
    private boolean spinOn(SignalPoller poller, long limitNs, long remainingNs) throws IOException {
        long startNs = System.nanoTime();
        poller.enter();
        try {
            while (remainingNs < 0 || System.nanoTime() - startNs < remainingNs) {
                if (pollUntil(poller, limitNs)) {
                    return true;
                }
                lookAtTcp();
                if (found.size() > 0 || interruptedOrClosed()) {
                    return true;
                }
                if (!poller.worthSpinning()) {
                    return false;
                }
            }
            return true; // the time is over
        } finally {
            poller.exit();
        }
    }

    private boolean pollUntil(SignalPoller poller, long limitNs) {
        long startNs = System.nanoTime();
        for (int i = 1; ; i++) {
            poller.poll();
            if (!signals.isEmpty() || anyReadyUnarmed()) {
                spin.paid();
                return true;
            }
            if (wakeupRequested) {
                return true;
            }
            if (i % POLLS_PER_CLOCK == 0 && System.nanoTime() - startNs >= limitNs) {
                return false;
            }
            Thread.onSpinWait();
        }
    }
}
