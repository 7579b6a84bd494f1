package org.xenvmc.bench.guest;

import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.migration.vm.VmHost;

/** The cases in which VM1 is migrated. Used by one thread. */
final class MigrationCases {
    private static final Duration BEGIN_LIMIT = Duration.ofSeconds(40);
    private static final Duration MAIL_LIMIT = Duration.ofSeconds(150);
    /** A slower mail server than this, on an emulated processor, counts as hanging. */
    private static final long LEAST_BYTES_PER_SECOND = 1 << 20;

    private static final int MOST_WARM_UPS = 10;
    private static final int WARM_UP_USERS = 2;
    private static final int WARM_UP_BYTES = 300_000;
    private static final long IDLE_BYTES = 32 << 20;
    private static final long IDLE_RATE = 16 << 20;
    private static final double MS_PER_S = 1e3;

    private final VmHost host;
    private final Settings settings;
    private int number;

    MigrationCases(VmHost host, Settings settings) {
        this.host = host;
        this.settings = settings;
    }

    /** What one case found. */
    record Found(Map<String, Double> figures, List<Long> series) {}

    Found run(Scenario s) throws IOException {
        Map<String, Double> figures = new LinkedHashMap<>();
        try (Scene scene = new Scene(host, s, ++number)) {
            Move move = new Move(scene, s, settings);
            switch (s.load()) {
                case IDLE -> idle(scene, s, move, figures);
                case MAIL -> mail(scene, s, move, figures);
                case DATA -> data(scene, s, move, figures);
                default -> throw new IllegalArgumentException(s.id());
            }
            return new Found(figures, move.series());
        }
    }

    /** Has received something before, as the others, so that its memory is as theirs. */
    private void idle(Scene scene, Scenario s, Move move, Map<String, Double> figures) throws IOException {
        serveData(scene, s, true);
        sendData(scene, s, IDLE_RATE, IDLE_BYTES);
        awaitData(scene, s, IDLE_BYTES);
        LockSupport.parkNanos(settings.settle().toNanos());
        long before = scene.line1().ask("data-received").number("bytes");
        GuestLine there = move.run(figures);
        if (there.ask("data-received").number("bytes") != before) {
            throw new IOException("the idle guest has received something");
        }
    }

    // --- mails ---

    private void mail(Scene scene, Scenario s, Move move, Map<String, Double> figures) throws IOException {
        scene.line1()
                .ask(GuestLine.command("mail-serve")
                        .put("sockets", s.way().sockets())
                        .put("port", Scene.PORT)
                        .put("mailboxBytes", s.workingSetBytes()));
        warmUp(scene, s);
        double ringBefore = scene.line1().ask("mail-received").decimal("ringBytes");
        send(scene, s, s.users(), s.fileBytes());
        long startNs = System.nanoTime();
        GuestLine there = move.run(figures);
        rate(figures, there.ask("mail-received").decimal("bytes"), startNs);
        scene.line2().await("mail-sent", "end of the mails", mailLimit(s), a -> a.number("running") == 0);
        JsonObject received = awaitMails(there, s.mails());
        figures.put(CaseRun.MAILS, received.decimal("mails"));
        figures.put(CaseRun.MAILS_LOST, s.mails() - received.decimal("mails"));
        figures.put(CaseRun.MAILS_TWICE, received.decimal("twice"));
        figures.put(CaseRun.MAILS_MS, scene.line2().ask("mail-sent").decimal("elapsedMs"));
        ring(s, figures, received, ringBefore);
    }

    private static Duration mailLimit(Scenario s) {
        return MAIL_LIMIT.plusSeconds((long) s.mails() * s.fileBytes() / LEAST_BYTES_PER_SECOND);
    }

    /**
     * Sends mails until some came on the path that the case is named after: on an emulated processor the first connections end
     * before code that never ran has brought them there.
     */
    private void warmUp(Scene scene, Scenario s) throws IOException {
        int most = s.way().library() ? MOST_WARM_UPS : 1;
        double ringBytes = 0;
        for (int i = 0; i < most && ringBytes <= WARM_UP_BYTES; i++) {
            send(scene, s, WARM_UP_USERS, WARM_UP_BYTES);
            ringBytes = awaitMails(scene.line1(), WARM_UP_USERS * WARM_UP_USERS).decimal("ringBytes");
            scene.line2().await("mail-sent", "end of the warm-up", BEGIN_LIMIT, a -> a.number("running") == 0);
            scene.line1().ask("mail-reset");
        }
    }

    private static void send(Scene scene, Scenario s, int users, int fileBytes) throws IOException {
        scene.line2()
                .ask(GuestLine.command("mail-send")
                        .put("sockets", s.way().sockets())
                        .put("address", Scene.ADDRESS_1)
                        .put("port", Scene.PORT)
                        .put("users", users)
                        .put("fileBytes", fileBytes));
    }

    private static JsonObject awaitMails(GuestLine vm1, int count) throws IOException {
        return vm1.await("mail-received", count + " mails", BEGIN_LIMIT, a -> a.number("mails") >= count);
    }

    // --- a stream ---

    private void data(Scene scene, Scenario s, Move move, Map<String, Double> figures) throws IOException {
        serveData(scene, s, s.way() == Way.PLACE);
        sendData(scene, s, s.bytesPerSecond(), Long.MAX_VALUE);
        awaitData(scene, s, 1);
        LockSupport.parkNanos(settings.settle().toNanos()); // the stream gets up to its rate
        JsonObject before = scene.line1().ask("data-received");
        long startNs = System.nanoTime();
        GuestLine there = move.run(figures);
        JsonObject after = there.ask("data-received");
        rate(figures, after.decimal("bytes") - before.decimal("bytes"), startNs);
        ring(s, figures, after, before.decimal("ringBytes"));
        there.await(
                "data-received",
                "data after the migration",
                BEGIN_LIMIT,
                a -> a.number("bytes") > after.number("bytes"));
        scene.line2().ask("data-stop");
    }

    private static void serveData(Scene scene, Scenario s, boolean inPlace) throws IOException {
        scene.line1()
                .ask(GuestLine.command("data-serve")
                        .put("sockets", s.way().sockets())
                        .put("port", Scene.PORT)
                        .put("mailboxBytes", s.workingSetBytes())
                        .put("inPlace", inPlace));
    }

    private static void sendData(Scene scene, Scenario s, long bytesPerSecond, long bytes) throws IOException {
        scene.line2()
                .ask(GuestLine.command("data-send")
                        .put("sockets", s.way().sockets())
                        .put("address", Scene.ADDRESS_1)
                        .put("port", Scene.PORT)
                        .put("bytesPerSecond", bytesPerSecond)
                        .put("bytes", bytes));
    }

    private static void awaitData(Scene scene, Scenario s, long bytes) throws IOException {
        String path = s.way().library() ? "SHARED_MEMORY" : "NONE";
        scene.line1()
                .await(
                        "data-received",
                        "data on the right path",
                        BEGIN_LIMIT,
                        a -> a.number("bytes") >= bytes && a.text("path").equals(path));
    }

    private static void rate(Map<String, Double> figures, double bytes, long startNs) {
        long ms = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs);
        figures.put(CaseRun.RECEIVED_BYTES, bytes);
        figures.put(CaseRun.RECEIVED_PER_SECOND, bytes * MS_PER_S / Math.max(1, ms));
    }

    /** A case that did not use what it is named after measured something else. */
    private static void ring(Scenario s, Map<String, Double> figures, JsonObject after, double ringBefore)
            throws IOException {
        double ringBytes = after.decimal("ringBytes") - ringBefore;
        if (s.way().keeps() && ringBytes <= 0) {
            throw new IOException("nothing came through shared memory: " + after);
        }
        figures.put(CaseRun.RING_BYTES, ringBytes);
    }
}
