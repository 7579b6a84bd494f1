package org.xenvmc.transport;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Says whether a selector sleeps in the JDK's selector, so that only then somebody pays for waking it.
 *
 * <p>No wake-up is lost, because each side first writes what the other will read, and then reads what the other has
 * written, all of it volatile (sequentially consistent): the selector sets the flag and then looks for reasons to stay
 * awake; the waker leaves a reason (a signalled key, a request to wake up) and then looks at the flag. Whichever is
 * second sees the other. A waker that comes between the flag and the sleep finds the flag, and the JDK's selector
 * remembers the wake-up. A waker that comes after the sleep leaves a wake-up that makes one later sleep short, and the
 * selector looks again.
 */
final class ParkedFlag {
    private final AtomicBoolean parked = new AtomicBoolean();

    /** Before looking for reasons to stay awake. Pairs with {@link #claimWakeup}. */
    void set() {
        parked.set(true);
    }

    /** After the sleep. Returns whether a waker ended it. */
    boolean clear() {
        return !parked.getAndSet(false);
    }

    /** After leaving a reason. Returns true when the caller, and nobody else, has to wake. Pairs with {@link #set}. */
    boolean claimWakeup() {
        return parked.get() && parked.compareAndSet(true, false);
    }
}
