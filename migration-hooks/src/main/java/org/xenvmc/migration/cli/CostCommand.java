package org.xenvmc.migration.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.xenvmc.migration.cost.DirtyModel;
import org.xenvmc.migration.cost.DirtyReport;
import org.xenvmc.migration.cost.PreCopy;
import org.xenvmc.migration.cost.PreCopyEstimate;
import org.xenvmc.migration.cost.StopRule;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.shm.connection.ControlClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code cost}: what a live migration would cost. */
@Command(
        name = "cost",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Estimates a live migration by pre-copy: total time, downtime, pages sent, whether it converges at all.",
            "Either for given numbers (--memory, --dirty-rate), or for a running VM (--vm), whose dirty pages it",
            "measures first."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it was estimated, whether or not it converges",
            "1:there is no such host or VM, or it did not answer",
            "2:an option or argument is wrong"
        })
final class CostCommand implements Callable<Integer> {
    enum Rule {
        PAPER,
        THESIS,
        QEMU
    }

    @Spec
    private CommandSpec spec;

    @Mixin
    private HostOption host;

    @Option(
            names = "--vm",
            paramLabel = "ID",
            description = "Measure this VM: its number on the host, or its UUID or the beginning of it.")
    private String vm;

    @Option(names = "--seconds", paramLabel = "S", description = "How long to measure. Default: ${DEFAULT-VALUE}.")
    private int seconds = 5;

    @Option(
            names = "--memory",
            paramLabel = "SIZE",
            converter = SizeConverter.class,
            description = "Memory that carries something. Default: what the measured process has in memory.")
    private Long memoryBytes;

    @Option(
            names = "--bandwidth",
            paramLabel = "SIZE",
            converter = SizeConverter.class,
            description = "Bandwidth of the migration, per second. Default: 125000000, a gigabit.")
    private long bandwidth = 125_000_000;

    @Option(
            names = "--dirty-rate",
            paramLabel = "PAGES",
            description = "Pages of 4096 bytes written per second, if nothing is measured. Default: 0.")
    private Long dirtyRate;

    @Option(
            names = "--working-set",
            paramLabel = "SIZE",
            converter = SizeConverter.class,
            description = "The pages written, or the memory into which data is received, are these, again and again."
                    + " Default: always other ones.")
    private Long workingSetBytes;

    @Option(
            names = "--rule",
            description = "When to stop the machine: ${COMPLETION-CANDIDATES}; 29 rounds or less than 256 KB dirty, 29"
                    + " rounds or less than 100 pages, what can be sent within --downtime-ms. Default: paper.")
    private Rule rule = Rule.PAPER;

    @Option(
            names = "--downtime-ms",
            paramLabel = "MS",
            description = "Downtime limit of --rule qemu. Default: ${DEFAULT-VALUE}.")
    private int downtimeMs = 300;

    @Option(names = "--rounds", description = "Show every round.")
    private boolean showRounds;

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() throws IOException, InterruptedException {
        json.check();
        check();
        JsonObject out = new JsonObject();
        StringBuilder text = new StringBuilder();
        Map<String, DirtyModel> models = new LinkedHashMap<>();
        DirtyReport report = vm == null ? null : measure();
        if (report == null) {
            models.put("as given", given());
        } else {
            text.append(CostTable.measured(report)).append('\n');
            out.put("measured", report.toJson());
            CostScenarios.of(report, workingSetPages()).forEach(models::put);
        }
        PreCopy migration = migration(report);
        Map<String, PreCopyEstimate> estimates = new LinkedHashMap<>();
        models.forEach((name, model) -> estimates.put(name, model == null ? null : migration.estimate(model)));
        text.append(CostTable.estimates(migration, estimates, showRounds));
        if (!json.replacesText()) {
            PrintWriter writer = spec.commandLine().getOut();
            writer.print(text);
            writer.flush();
        }
        json.write(out.put("estimates", CostTable.json(estimates)));
        return 0;
    }

    private void check() {
        if (vm == null && memoryBytes == null) {
            throw wrong("say --memory, or which VM to measure with --vm");
        }
        if (vm != null && dirtyRate != null) {
            throw wrong("--dirty-rate is for machines that are not measured; leave out --vm");
        }
        positive("--memory", memoryBytes);
        positive("--bandwidth", bandwidth);
        positive("--working-set", workingSetBytes);
        if (dirtyRate != null && dirtyRate < 0) {
            throw wrong("--dirty-rate: " + dirtyRate + " is negative");
        }
        if (seconds < 1 || seconds > 600) {
            throw wrong("--seconds: " + seconds + " is not between 1 and 600");
        }
        if (downtimeMs < 1) {
            throw wrong("--downtime-ms: " + downtimeMs + " is not positive");
        }
    }

    private void positive(String option, Long value) {
        if (value != null && value < 1) {
            throw wrong(option + ": " + value + " is not positive");
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private long workingSetPages() {
        return workingSetBytes == null ? Long.MAX_VALUE : pages(workingSetBytes);
    }

    private static long pages(long bytes) {
        return bytes / PreCopy.PAGE_BYTES + (bytes % PreCopy.PAGE_BYTES == 0 ? 0 : 1);
    }

    private DirtyModel given() {
        return DirtyModel.workingSet(workingSetPages(), dirtyRate == null ? 0 : dirtyRate);
    }

    private DirtyReport measure() throws IOException, InterruptedException {
        try (ControlClient client = host.open()) {
            int domId =
                    VmSelection.find(client.vms(), host.directory(), vm).id().domId();
            return CostQuestions.measure(client, domId, Duration.ofSeconds(seconds));
        }
    }

    private PreCopy migration(DirtyReport report) throws IOException {
        long pages = memoryBytes == null ? report.memoryPages() : pages(memoryBytes);
        if (pages == 0) {
            throw new IOException("the VM does not know how much memory it has; say --memory");
        }
        StopRule when =
                switch (rule) {
                    case PAPER -> StopRule.PAPER;
                    case THESIS -> StopRule.THESIS;
                    case QEMU -> StopRule.qemu(Duration.ofMillis(downtimeMs));
                };
        return new PreCopy(pages, PreCopy.QEMU_BYTES_PER_PAGE, bandwidth, when, 0);
    }
}
