package org.xenvmc.bench.guest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.xenvmc.bench.stats.Quantiles;
import org.xenvmc.bench.workload.Sample;
import org.xenvmc.bench.workload.WorkloadKind;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.migration.vm.VmHost;

/** Figures of a connection between two guests, shared memory and virtio-net in turns. Used by one thread. */
final class LinkCase {
    private static final String[] SOCKETS = {"LIBRARY", "PLAIN"};
    /** Streams first: they have the JVM of an emulated guest compile what reads and writes, which round trips take minutes for. */
    private static final List<LinkGoal> ORDER = List.of(LinkGoal.STREAM_64, LinkGoal.STREAM_65536, LinkGoal.ROUND_TRIP);

    private static final int NAME = 3_000_000;
    /** So many rounds on its path the JVM of an emulated guest runs what is measured before it has compiled it. */
    private static final int WARM_UPS = 8;

    private static final int MOST_WARM_UPS = 40;
    private static final double NS_PER_S = 1e9;

    private final VmHost host;
    private final Settings settings;

    LinkCase(VmHost host, Settings settings) {
        this.host = host;
        this.settings = settings;
    }

    MigrationCases.Found run(Scenario s) throws IOException {
        Map<String, Double> figures = new LinkedHashMap<>();
        try (Scene scene = new Scene(host, s, NAME + (s.spins() ? 1 : 0))) {
            for (int i = 0; i < SOCKETS.length; i++) {
                connect(scene, SOCKETS[i], Scene.PORT + i);
            }
            for (LinkGoal goal : ORDER) {
                measure(scene, goal, figures);
            }
        }
        return new MigrationCases.Found(figures, List.of());
    }

    private static void connect(Scene scene, String sockets, int port) throws IOException {
        scene.line1().ask(command("link-listen", sockets).put("port", port));
        both(() -> scene.line1().ask(command("link-accept", sockets)), () -> scene.line2()
                .ask(command("link-connect", sockets).put("port", port).put("address", Scene.ADDRESS_1)));
    }

    private static JsonObject command(String name, String sockets) {
        return GuestLine.command(name).put("sockets", sockets);
    }

    private void measure(Scene scene, LinkGoal goal, Map<String, Double> figures) throws IOException {
        warmUp(scene, goal);
        double[][] found = new double[SOCKETS.length][settings.linkPairs()];
        double[] ratios = new double[settings.linkPairs()];
        for (int pair = 0; pair < ratios.length; pair++) {
            for (int turn = 0; turn < SOCKETS.length; turn++) {
                int who = (turn + pair) % SOCKETS.length;
                List<JsonObject> answers = round(scene, goal, SOCKETS[who]);
                if (!onPath(answers)) {
                    throw new IOException("not on the path that is to be measured: "
                            + answers.get(0).text("path"));
                }
                found[who][pair] = perSecond(answers.get(0));
            }
            ratios[pair] = found[0][pair] / found[1][pair];
        }
        figures.put(goal.ours(), Quantiles.of(found[0]).median());
        figures.put(goal.peer(), Quantiles.of(found[1]).median());
        figures.put(goal.ratio(), Quantiles.of(ratios).median());
        figures.put(goal.low(), Quantiles.of(ratios).lowerQuartile());
        figures.put(goal.high(), Quantiles.of(ratios).upperQuartile());
    }

    /** Until shared memory carries the library's connection, and both ways are warm. */
    private void warmUp(Scene scene, LinkGoal goal) throws IOException {
        for (String sockets : SOCKETS) {
            int warm = 0;
            for (int i = 0; i < MOST_WARM_UPS && warm < WARM_UPS; i++) {
                warm += onPath(round(scene, goal, sockets)) ? 1 : 0;
            }
        }
    }

    /** The driving side's answer, and the other's. */
    private List<JsonObject> round(Scene scene, LinkGoal goal, String sockets) throws IOException {
        return both(() -> scene.line2().ask(arguments("link-drive", goal, sockets)), () -> scene.line1()
                .ask(arguments("link-serve", goal, sockets)));
    }

    private static boolean onPath(List<JsonObject> answers) throws IOException {
        return answers.get(0).flag("onPath") && answers.get(1).flag("onPath");
    }

    private static double perSecond(JsonObject drive) throws IOException {
        return Double.parseDouble(drive.text(Sample.OPERATIONS))
                * NS_PER_S
                / Double.parseDouble(drive.text(Sample.ELAPSED_NS));
    }

    private JsonObject arguments(String name, LinkGoal goal, String sockets) {
        WorkloadKind kind = goal.workload();
        return command(name, sockets)
                .put("workload", kind.name())
                .put("sizeBytes", goal.sizeBytes())
                .put("durationNs", settings.linkRound().toNanos());
    }

    /** Asks a guest. */
    @FunctionalInterface
    private interface Question {
        JsonObject ask() throws IOException;
    }

    /** Both guests at the same time: one waits for the other. */
    private static List<JsonObject> both(Question one, Question other) throws IOException {
        CompletableFuture<JsonObject> second = CompletableFuture.supplyAsync(() -> {
            try {
                return other.ask();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        JsonObject first = one.ask();
        try {
            return List.of(first, second.join());
        } catch (CompletionException e) {
            throw new IOException(e.getCause().getMessage(), e.getCause());
        }
    }
}
