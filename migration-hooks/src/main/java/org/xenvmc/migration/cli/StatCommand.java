package org.xenvmc.migration.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.shm.connection.ControlClient;
import org.xenvmc.transport.HostStatus.VmEntry;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code stat}: what runs on a host. */
@Command(
        name = "stat",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Shows the VMs of a host and their connections: path and, on TCP, reason of each direction, bytes,",
            "ring fill, switches of path, how often threads slept (SLEEPS) and how often the other end was woken",
            "(WAKE-UPS)."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every VM answered",
            "1:there is no such host or VM, or a VM did not answer",
            "2:an option or argument is wrong"
        })
final class StatCommand implements Callable<Integer> {
    private static final Duration LIMIT = Duration.ofSeconds(5);

    @Spec
    private CommandSpec spec;

    @Mixin
    private HostOption host;

    @Option(
            names = "--vm",
            paramLabel = "ID",
            description = "Only this VM: its number on the host, or its UUID or the beginning of it.")
    private String vm;

    @Mixin
    private StatFilter filter;

    @Mixin
    private JsonOption json;

    @Option(
            names = "--watch",
            arity = "0..1",
            fallbackValue = "1",
            paramLabel = "SECONDS",
            description = "Show it again and again, every second or as given, with what happens per second, until"
                    + " Ctrl-C. With --json -, one line of JSON for each look.")
    private Double watchSeconds;

    private final Rates rates = new Rates();

    @Override
    public Integer call() throws IOException, InterruptedException {
        json.check();
        filter.check();
        if (watchSeconds != null && !(watchSeconds >= 0.1 && watchSeconds <= 86_400)) {
            throw new ParameterException(
                    spec.commandLine(), "--watch: " + watchSeconds + " is not between 0.1 and 86400 seconds");
        }
        try (ControlClient client = host.open()) {
            boolean complete = show(client);
            while (watchSeconds != null && !nobodyReads()) {
                TimeUnit.MILLISECONDS.sleep(Math.round(watchSeconds * 1000));
                complete = show(client);
            }
            return complete ? 0 : 1; // a watch ends here when nobody reads what it prints
        }
    }

    /** Whether the output is closed. Standard output keeps its errors to itself. */
    private boolean nobodyReads() {
        return spec.commandLine().getOut().checkError() || System.out.checkError();
    }

    private boolean show(ControlClient client) throws IOException {
        List<VmEntry> vms = client.vms();
        JsonObject survey = HostSurvey.of(
                client,
                host.directory(),
                vm == null ? vms : List.of(VmSelection.find(vms, host.directory(), vm)),
                LIMIT);
        if (watchSeconds != null) {
            rates.add(survey, System.nanoTime());
        }
        filter.apply(survey);
        PrintWriter out = spec.commandLine().getOut();
        if (watchSeconds == null) {
            if (!json.replacesText()) {
                out.print(StatTable.render(survey));
                out.flush();
            }
            json.write(survey);
        } else {
            print(out, survey);
        }
        return survey.objects("vms").stream().noneMatch(v -> v.has("error"));
    }

    /** One of many looks. */
    private void print(PrintWriter out, JsonObject survey) throws IOException {
        if (json.replacesText()) {
            out.println(survey);
            out.flush();
            return;
        }
        String time = LocalTime.now().truncatedTo(ChronoUnit.SECONDS).toString();
        String text = time + "  " + StatTable.render(survey);
        out.print(Terminal.isInteractive() ? Terminal.instead(text) : text + "\n");
        out.flush();
        json.write(survey);
    }
}
