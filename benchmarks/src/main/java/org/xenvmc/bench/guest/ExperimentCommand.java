package org.xenvmc.bench.guest;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.xenvmc.migration.cli.BandwidthOption;
import org.xenvmc.migration.vm.VmHost;
import org.xenvmc.migration.vm.VmUnavailableException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The paper's experiment from the command line. */
@Command(
        name = "xenvmc experiment",
        mixinStandardHelpOptions = true,
        version = "Advance-XenVMC 0.1.0",
        sortOptions = false,
        description = {
            "Migrates real guests (QEMU) while they receive mails or a stream of data: over plain TCP, and with the library.",
            "Reports total time, downtime, pages, rounds, data sent, mails lost, and what the estimator says of it."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every case was measured",
            "1:a case could not be measured (the report says why)",
            "2:an option or argument is wrong",
            "3:guests cannot run here; what is missing is said"
        },
        footer = {
            "",
            "All of it takes more than an hour: --only and --json make it in pieces, --quick takes a few minutes.",
            "docs/experiment.md explains the cases."
        })
public final class ExperimentCommand implements Callable<Integer> {
    private static final int FAILED = 1;
    private static final int UNAVAILABLE = 3;
    private static final int MOST_REPETITIONS = 100;

    @Spec
    private CommandSpec spec;

    @Option(names = "--quick", description = "A few cases that show the effect.")
    private boolean quick;

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "CASE",
            description = "Only these cases (see --list); * stands for anything, as in 'data.w96.*'.")
    private List<String> only = List.of();

    @Option(names = "--repeat", paramLabel = "N", description = "Each case N times, each time with new guests.")
    private int repeat = 1;

    @Option(
            names = "--json",
            paramLabel = "FILE",
            description = "Add the results to this file; the report is about all that is in it.")
    private Path json;

    @Option(names = "--report", description = "Measure nothing: report what is in the file of --json.")
    private boolean reportOnly;

    @Option(names = "--svg", paramLabel = "DIR", description = "Draw the report as SVG files into this directory, too.")
    private Path svg;

    @Option(names = "--png", paramLabel = "DIR", description = "The same as PNG files.")
    private Path png;

    @Mixin
    private BandwidthOption bandwidth = new BandwidthOption(32);

    @Option(
            names = "--downtime-ms",
            paramLabel = "MS",
            description = "QEMU's downtime limit. Default: ${DEFAULT-VALUE}.")
    private long downtimeMs = 300;

    @Option(
            names = "--limit-s",
            paramLabel = "S",
            description = "A migration is given up after so many seconds. Default: ${DEFAULT-VALUE}.")
    private long limitS = 110;

    @Option(names = "--list", description = "List the cases, and measure nothing.")
    private boolean list;

    private volatile boolean ending;

    @Override
    public Integer call() throws IOException {
        List<Scenario> scenarios = chosen();
        PrintWriter out = spec.commandLine().getOut();
        if (list) {
            scenarios.forEach(s -> out.printf("%-22s  %s%n", s.id(), s.title()));
            out.flush();
            return 0;
        }
        checkNumbers();
        List<CaseRun> runs = json == null ? new ArrayList<>() : new ResultFile(json).read();
        int before = runs.size();
        if (!reportOnly) {
            try {
                measure(scenarios, runs);
            } catch (VmUnavailableException e) {
                spec.commandLine().getErr().println("xenvmc experiment: guests cannot run here: " + e.getMessage());
                return UNAVAILABLE;
            }
        }
        out.print(new Report(runs).render());
        draw(out, runs);
        out.flush();
        return runs.subList(before, runs.size()).stream().anyMatch(CaseRun::failed) ? FAILED : 0;
    }

    private void draw(PrintWriter out, List<CaseRun> runs) throws IOException {
        Pictures pictures = new Pictures(Summary.of(runs));
        List<Path> files = new ArrayList<>();
        if (svg != null) {
            files.addAll(pictures.svg(svg));
        }
        if (png != null) {
            files.addAll(pictures.png(png));
        }
        files.forEach(file -> out.println("drawn: " + file));
    }

    private List<Scenario> chosen() {
        try {
            return !only.isEmpty() ? Scenarios.named(only) : quick ? Scenarios.quick() : Scenarios.all();
        } catch (IllegalArgumentException e) {
            throw wrong("--only: " + e.getMessage());
        }
    }

    private void measure(List<Scenario> scenarios, List<CaseRun> runs) throws IOException {
        List<Scenario> repeated = new ArrayList<>();
        for (int i = 0; i < repeat; i++) {
            repeated.addAll(scenarios);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> ending = true, "ending"));
        try (VmHost host = VmHost.open(GuestClassPath.find())) {
            PrintWriter progress = spec.commandLine().getErr();
            progress.println("guests: " + host.description());
            new Experiment(host, settings(), progress).run(repeated, run -> keep(run, runs), () -> ending);
        }
    }

    /** A case during which this program was told to end says nothing. */
    private void keep(CaseRun run, List<CaseRun> runs) {
        if (ending) {
            return;
        }
        runs.add(run);
        if (json != null) {
            try {
                new ResultFile(json).add(run);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private Settings settings() {
        return new Settings(
                bandwidth.bytesPerSecond(),
                downtimeMs,
                org.xenvmc.migration.qmp.MigrationPlan.PAPERS_ROUNDS,
                Duration.ofSeconds(limitS),
                Duration.ofSeconds(3),
                Duration.ofMillis(quick ? 500 : 1000),
                quick ? 3 : 7);
    }

    private void checkNumbers() {
        if (repeat < 1 || repeat > MOST_REPETITIONS) {
            throw wrong("--repeat: " + repeat + " is not between 1 and " + MOST_REPETITIONS);
        }
        bandwidth.check();
        if (downtimeMs < 1 || limitS < 1) {
            throw wrong("--downtime-ms and --limit-s have to be positive");
        }
        if (reportOnly && json == null) {
            throw wrong("--report: name the file with --json");
        }
        if (json != null) {
            Path directory = json.toAbsolutePath().getParent();
            if (directory == null || !Files.isWritable(directory) || Files.isDirectory(json)) {
                throw wrong("--json " + json + ": cannot be written there");
            }
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
