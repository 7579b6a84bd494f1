package org.xenvmc.migration.command;

import java.time.Duration;
import org.xenvmc.migration.cost.DirtyPageMeter;
import org.xenvmc.migration.json.JsonException;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.transport.spi.CommandHandler;
import org.xenvmc.transport.spi.TransportEngine;

/**
 * {@code dirty-pages}: how many pages this VM's process dirties. Arguments: {@code id}, which names the measurement,
 * and {@code
 * lengthMs}. The first question with an id starts it, each later one is answered with what was found up to then.
 */
public final class DirtyPagesHandler implements CommandHandler {
    private static final int DEFAULT_MS = 5_000;
    private static final int MAX_MS = 600_000;

    private String lastId; // handlers run one after the other, on one thread
    private DirtyPageMeter last;
    private volatile Thread thread;

    /** For {@link java.util.ServiceLoader}. */
    public DirtyPagesHandler() {}

    @Override
    public String name() {
        return "dirty-pages";
    }

    @Override
    public String handle(TransportEngine engine, String argument) throws JsonException {
        Arguments a = Arguments.parse(name(), argument);
        String id = a.text("id");
        long ms = a.number("lengthMs", DEFAULT_MS, 1, MAX_MS);
        if (!id.equals(lastId)) {
            if (thread != null && thread.isAlive()) {
                throw new IllegalStateException("somebody else is measuring; wait until that has ended");
            }
            start(engine, id, Duration.ofMillis(ms));
        }
        JsonObject report = last.report().toJson();
        if (!thread.isAlive() && !last.report().done()) {
            throw new IllegalStateException("the measurement was broken off");
        }
        return report.put("id", id).toString();
    }

    private void start(TransportEngine engine, String id, Duration length) {
        DirtyPageMeter meter = new DirtyPageMeter(engine);
        boolean first = thread == null;
        Thread measuring = new Thread(() -> measure(meter, length), "xenvmc-dirty-pages");
        measuring.setDaemon(true);
        measuring.start();
        thread = measuring;
        if (first) {
            engine.whenClosed(() -> thread.interrupt());
        }
        last = meter;
        lastId = id;
    }

    private static void measure(DirtyPageMeter meter, Duration length) {
        try {
            meter.measure(length);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the VM is closed; the thread ends here
        }
    }
}
