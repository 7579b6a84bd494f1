package org.xenvmc.migration.hook;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The thread of a source: does the same thing again and again until it is closed. What fails is logged once per kind of
 * failure and tried again after a pause.
 */
final class Watcher implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Watcher.class.getName());

    /** Something that may be done again at once when it returns. */
    @FunctionalInterface
    interface Round {
        /** Until something fails, or there is nothing to do; {@code pause} sleeps and is ended by closing. */
        void run() throws IOException, InterruptedException;
    }

    private final String name;
    private final Duration pauseAfterFailure;
    private final Round round;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;
    private String lastFailure; // of the thread

    Watcher(String name, Duration pauseAfterFailure, Round round) {
        this.name = name;
        this.pauseAfterFailure = pauseAfterFailure;
        this.round = round;
        this.thread = new Thread(this::run, "xenvmc-" + name);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    String name() {
        return name;
    }

    /** Sleeps; ends early with true when the watcher is closed. */
    boolean pause(Duration time) throws InterruptedException {
        return closed.await(time.toNanos(), TimeUnit.NANOSECONDS);
    }

    boolean isClosed() {
        return closed.getCount() == 0;
    }

    private void run() {
        try {
            while (!isClosed()) {
                try {
                    round.run();
                    lastFailure = null;
                } catch (IOException | RuntimeException e) {
                    failed(e);
                    pause(pauseAfterFailure);
                }
            }
        } catch (InterruptedException e) {
            LOG.log(Level.DEBUG, "{0} ends: interrupted", name);
        }
    }

    private void failed(Exception e) {
        if (isClosed()) {
            return;
        }
        String failure = Objects.toString(e.getMessage(), e.toString());
        if (!failure.equals(lastFailure)) {
            LOG.log(Level.WARNING, "{0}: {1}; trying again every {2} ms", name, failure, pauseAfterFailure.toMillis());
            LOG.log(Level.DEBUG, name, e);
        }
        lastFailure = failure;
    }

    /** Ends the thread; interrupts it where it waits. */
    @Override
    public void close() {
        closed.countDown();
        if (Thread.currentThread() != thread) {
            thread.interrupt();
        }
    }
}
