package org.xenvmc.migration.cli.demo;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.xenvmc.migration.cli.JsonOption;
import org.xenvmc.migration.cli.Terminal;
import org.xenvmc.migration.cli.Version;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code demo}: the whole, before one's eyes. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Starts two JVMs as VMs of one host. They exchange real data through ordinary socket channels while",
            "VM 1 is moved to another host and back. Shows what each path carried and how fast, against the JDK's",
            "own TCP in the same run, how long switches took, and whether everything arrived."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:everything arrived, once and in order",
            "1:it did not, or something could not be done; the output says what",
            "2:an option or argument is wrong"
        })
public final class DemoCommand implements Callable<Integer> {
    private static final int MOST_MOVES = 1000;
    private static final int MOST_ROUNDS = 100;
    private static final int MOST_MS = 60_000;
    private static final int MOST_SECONDS = 24 * 3600;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--moves",
            paramLabel = "N",
            description = "Moves of VM 1 during the transfer. Default: ${DEFAULT-VALUE}.")
    private int moves = 8;

    @Option(names = "--rounds", paramLabel = "N", description = "Measurements of each path. Default: ${DEFAULT-VALUE}.")
    private int rounds = 3;

    @Option(
            names = "--measure-ms",
            paramLabel = "MS",
            description = "Length of a measurement of throughput, and of one of latency. Default: ${DEFAULT-VALUE}.")
    private int measureMs = 1000;

    @Option(names = "--dwell-ms", paramLabel = "MS", description = "Time between two moves. Default: ${DEFAULT-VALUE}.")
    private int dwellMs = 1000;

    @Option(names = "--file", paramLabel = "FILE", description = "What is moved. Default: lib/modules of this Java.")
    private Path file;

    @Option(
            names = "--limit",
            paramLabel = "SECONDS",
            description = "End by force after this time. Default: ${DEFAULT-VALUE}.")
    private int limitSeconds = 115;

    @Mixin
    private JsonOption json;

    /** For picocli. */
    public DemoCommand() {}

    @Override
    public Integer call() throws IOException {
        DemoPlan plan = plan();
        json.check();
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter told = json.replacesText() ? spec.commandLine().getErr() : out;
        Progress progress = new Progress(told, !json.replacesText() && Terminal.isInteractive());
        DemoResult result = run(plan, progress);
        if (!json.replacesText()) {
            out.print(DemoReport.render(result));
            out.flush();
        }
        json.write(result.toJson());
        return result.problems().isEmpty() ? 0 : 1;
    }

    /** Runs the demo under the eyes of a watchdog. */
    private static DemoResult run(DemoPlan plan, Progress progress) throws IOException {
        AtomicBoolean late = new AtomicBoolean();
        Thread self = Thread.currentThread();
        ScheduledExecutorService watchdog = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "demo-watchdog");
            thread.setDaemon(true);
            return thread;
        });
        try (Demo demo = new Demo(plan, progress)) {
            watchdog.schedule(
                    () -> {
                        late.set(true);
                        demo.stop();
                        self.interrupt();
                    },
                    plan.limit().toMillis(),
                    TimeUnit.MILLISECONDS);
            return demo.run();
        } catch (IOException | RuntimeException e) {
            progress.end();
            if (late.get()) {
                throw new IOException(
                        "the demo was not over after " + plan.limit().toSeconds()
                                + " s and was ended (--limit). It was at: " + e.getMessage(),
                        e);
            }
            throw e;
        } finally {
            watchdog.shutdownNow();
            Thread.interrupted(); // the watchdog's, if it came while the end was near
            progress.end();
        }
    }

    private DemoPlan plan() throws IOException {
        between("--moves", moves, 1, MOST_MOVES);
        between("--rounds", rounds, 1, MOST_ROUNDS);
        between("--measure-ms", measureMs, 1, MOST_MS);
        between("--dwell-ms", dwellMs, 0, MOST_MS);
        between("--limit", limitSeconds, 1, MOST_SECONDS);
        Path data = file == null ? DataFile.find(Path.of(System.getProperty("java.home"))) : file.toAbsolutePath();
        String obstacle = DataFile.obstacle(data);
        if (!obstacle.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "--file " + data + " " + obstacle);
        }
        return new DemoPlan(data, moves, rounds, measureMs, dwellMs, Duration.ofSeconds(limitSeconds));
    }

    private void between(String option, int value, int min, int max) {
        if (value < min || value > max) {
            throw new ParameterException(
                    spec.commandLine(), option + ": " + value + " is not between " + min + " and " + max);
        }
    }
}
