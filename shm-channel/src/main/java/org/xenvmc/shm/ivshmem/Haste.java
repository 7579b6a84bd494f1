package org.xenvmc.shm.ivshmem;

import java.util.concurrent.locks.LockSupport;

/** Asks a VM's own thread ({@link Ticker}) for quick looks, because an answer is awaited. Thread-safe. */
final class Haste implements Runnable {
    private volatile boolean asked;
    private volatile Thread thread;

    /** Whom to ask. */
    void of(Thread looking) {
        thread = looking;
    }

    @Override
    public void run() {
        asked = true;
        LockSupport.unpark(thread);
    }

    boolean asked() {
        return asked;
    }

    /** Whether it was asked for since the last call. By the thread that looks. */
    boolean take() {
        boolean was = asked;
        asked = false;
        return was;
    }
}
