package org.xenvmc.shm.ivshmem;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.xenvmc.transport.spi.SignalPoller;

/**
 * Selectors that look for signals themselves. While there are any the place says so, and peers send no frames. The word in the place may
 * say "asleep" for a moment although somebody looks, which costs a needless frame; it never says "polled" when nobody does: the last
 * poller writes "asleep", then looks once more.
 */
final class Pollers implements SignalPoller {
    private final Place own;
    private final Ticker ticker;
    private final BooleanSupplier worthSpinning;
    private final AtomicInteger count = new AtomicInteger();

    Pollers(Place own, Ticker ticker, BooleanSupplier worthSpinning) {
        this.own = own;
        this.ticker = ticker;
        this.worthSpinning = worthSpinning;
    }

    @Override
    public boolean worthSpinning() {
        return worthSpinning.getAsBoolean();
    }

    @Override
    public void enter() {
        if (count.getAndIncrement() == 0) {
            own.polled(true);
        }
    }

    @Override
    public boolean poll() {
        return ticker.poll();
    }

    @Override
    public void exit() {
        if (count.decrementAndGet() == 0) {
            own.polled(false);
            ticker.poll();
        }
    }
}
