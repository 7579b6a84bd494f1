package org.xenvmc.bench.guest;

import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.xenvmc.migration.vm.VmHost;

/** Runs cases one after the other and tells people how far it is. */
final class Experiment {
    private final VmHost host;
    private final Settings settings;
    private final PrintWriter progress;

    Experiment(VmHost host, Settings settings, PrintWriter progress) {
        this.host = host;
        this.settings = settings;
        this.progress = progress;
    }

    /**
     * Runs all; one that fails becomes a result that says why, and the others go on.
     *
     * @param done gets each result as soon as it is there
     * @param ending whether no further case is to begin
     */
    void run(List<Scenario> scenarios, Consumer<CaseRun> done, BooleanSupplier ending) {
        MigrationCases migrations = new MigrationCases(host, settings);
        LinkCase link = new LinkCase(host, settings);
        long startNs = System.nanoTime();
        for (Scenario s : scenarios) {
            if (ending.getAsBoolean()) {
                return;
            }
            say("[%4d s] %s: %s", TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNs), s.id(), s.title());
            String time = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
            String environment = environment();
            CaseRun run;
            try {
                MigrationCases.Found found = s.load() == Load.LINK ? link.run(s) : migrations.run(s);
                run = new CaseRun(s.id(), time, environment, "", found.figures(), found.series());
            } catch (IOException | RuntimeException e) {
                String why = e.getMessage() == null ? e.toString() : e.getMessage();
                say("         %s could not be measured: %s", s.id(), why);
                run = CaseRun.failed(s.id(), time, environment, why);
            }
            done.accept(run);
        }
        say("[%4d s] done", TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNs));
    }

    private String environment() {
        return String.format(
                Locale.ROOT,
                "%s, %d processors with load %.1f, guests of 512 MiB",
                host.description().replaceAll(" in namespace .*", ""),
                Runtime.getRuntime().availableProcessors(),
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    }

    private void say(String format, Object... arguments) {
        progress.println(String.format(Locale.ROOT, format, arguments));
        progress.flush();
    }
}
