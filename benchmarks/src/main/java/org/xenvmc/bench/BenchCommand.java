package org.xenvmc.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.xenvmc.bench.figure.Catalogue;
import org.xenvmc.bench.figure.Figure;
import org.xenvmc.bench.figure.Plan;
import org.xenvmc.bench.report.FigureResult;
import org.xenvmc.bench.report.Json;
import org.xenvmc.bench.report.Table;
import org.xenvmc.bench.session.BenchEnvironment;
import org.xenvmc.bench.session.WorkDirectory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line: which figures, how thoroughly, and where the report goes. */
@Command(
        name = "xenvmc bench",
        mixinStandardHelpOptions = true,
        version = "Advance-XenVMC 0.1.0",
        sortOptions = false,
        description =
                "Measures this library against plain TCP, Unix-domain sockets and Agrona's ring, in the same run.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:everything was measured (and, with --strict, every goal met)",
            "1:a figure could not be measured, or --strict and a goal was missed",
            "2:an option or argument is wrong"
        },
        footer = {"", "Nothing else should run on the machine meanwhile. docs/benchmarks.md explains the figures."})
public final class BenchCommand implements Callable<Integer> {
    private static final int MOST_REPETITIONS = 1000;
    private static final String GROUP = ".*";

    @Spec
    private CommandSpec spec;

    @Option(names = "--quick", description = "All figures in under three minutes; more noise.")
    private boolean quick;

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "ID",
            description = "Only these figures (see --list); 'program.*' is a group.")
    private List<String> only = List.of();

    @Option(names = "--repeat", paramLabel = "N", description = "Everything N times, each time with new processes.")
    private int repeat = 1;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the report there as JSON, too.")
    private Path json;

    @Option(names = "--strict", description = "A missed goal is a failure (exit code 1).")
    private boolean strict;

    @Option(names = "--list", description = "List the figures and their goals, and measure nothing.")
    private boolean list;

    @Option(
            names = "--fork-args",
            paramLabel = "ARGS",
            description = {
                "JVM arguments for the measured processes, for profiling.",
                "{figure}, {contender} and {role} in them are replaced."
            })
    private String forkArguments = "";

    @Override
    public Integer call() throws IOException {
        List<Figure> figures = chosen();
        PrintWriter out = spec.commandLine().getOut();
        if (list) {
            figures.forEach(f -> out.printf("%-14s  %s  [%s]%n", f.id(), f.title(), f.goal()));
            out.flush();
            return 0;
        }
        Plan plan = (quick ? Plan.QUICK : Plan.FULL).repeated(checkedRepeat());
        checkJson();
        List<String> arguments = checkedForkArguments();
        List<FigureResult> results;
        try (WorkDirectory directory = WorkDirectory.create()) {
            BenchEnvironment environment = new BenchEnvironment(directory, arguments);
            PrintWriter progress = spec.commandLine().getErr();
            results = new Run(environment, plan, progress).measure(figures);
        }
        out.print(Table.render(results));
        out.flush();
        if (json != null) {
            Json.write(json, results);
        }
        return exitCode(results);
    }

    private int exitCode(List<FigureResult> results) {
        boolean failed = results.stream().anyMatch(FigureResult::failed);
        boolean missed = results.stream().anyMatch(FigureResult::missed);
        return failed || strict && missed ? 1 : 0;
    }

    private List<Figure> chosen() {
        List<Figure> standard = Catalogue.standard();
        Map<String, Figure> all = new LinkedHashMap<>();
        Stream.concat(standard.stream(), Catalogue.onRequest().stream()).forEach(f -> all.put(f.id(), f));
        if (only.isEmpty()) {
            return list ? List.copyOf(all.values()) : standard;
        }
        List<Figure> chosen = new ArrayList<>();
        for (String id : only) {
            chosen.addAll(named(id.trim(), all));
        }
        return chosen;
    }

    /** The figure of that name, or all whose names begin with what stands before {@code .*}. */
    private List<Figure> named(String id, Map<String, Figure> all) {
        List<Figure> found = all.values().stream()
                .filter(f ->
                        f.id().equals(id) || id.endsWith(GROUP) && f.id().startsWith(id.substring(0, id.length() - 1)))
                .toList();
        if (found.isEmpty()) {
            throw wrong("--only: there is no figure '" + id + "'; choose from " + String.join(", ", all.keySet()));
        }
        return found;
    }

    private int checkedRepeat() {
        if (repeat < 1 || repeat > MOST_REPETITIONS) {
            throw wrong("--repeat: " + repeat + " is not between 1 and " + MOST_REPETITIONS);
        }
        return repeat;
    }

    /** Found out now, and not after ten minutes of measuring. */
    private void checkJson() {
        if (json == null) {
            return;
        }
        Path directory = json.toAbsolutePath().getParent();
        if (directory == null || !Files.isDirectory(directory)) {
            throw wrong("--json " + json + ": the directory " + directory + " does not exist; create it first");
        }
        if (Files.isDirectory(json)) {
            throw wrong("--json " + json + ": this is a directory; name a file");
        }
        if (!Files.isWritable(directory)) {
            throw wrong("--json " + json + ": the directory " + directory + " is not writable");
        }
    }

    private List<String> checkedForkArguments() {
        try {
            return Words.split(forkArguments);
        } catch (IllegalArgumentException e) {
            throw wrong("--fork-args: " + e.getMessage());
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
