package org.xenvmc.migration.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.shm.connection.ControlClient;
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
            "1:there is no such host, or a VM did not answer",
            "2:an option or argument is wrong"
        })
final class StatCommand implements Callable<Integer> {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    @Spec
    private CommandSpec spec;

    @Mixin
    private HostOption host;

    @Mixin
    private JsonOption json;

    @Option(names = "--watch", description = "Show it again and again, until Ctrl-C.")
    private boolean watch;

    @Option(
            names = "--interval",
            paramLabel = "SECONDS",
            description = "Time between two looks with --watch. Default: ${DEFAULT-VALUE}.")
    private int intervalSeconds = 1;

    @Override
    public Integer call() throws IOException, InterruptedException {
        json.check();
        if (watch && json.replacesText()) {
            throw new ParameterException(spec.commandLine(), "--watch and --json - exclude each other; name a file");
        }
        if (intervalSeconds < 1) {
            throw new ParameterException(spec.commandLine(), "--interval: " + intervalSeconds + " is not positive");
        }
        try (ControlClient client = host.open()) {
            boolean complete = show(client);
            while (watch) {
                TimeUnit.SECONDS.sleep(intervalSeconds);
                complete = show(client);
            }
            return complete ? 0 : 1;
        }
    }

    private boolean show(ControlClient client) throws IOException {
        JsonObject survey = HostSurvey.of(client, host.directory(), LIMIT);
        if (!json.replacesText()) {
            PrintWriter out = spec.commandLine().getOut();
            if (watch && Terminal.isInteractive()) {
                out.print(Terminal.clear());
            }
            out.print(StatTable.render(survey));
            out.flush();
        }
        json.write(survey);
        return survey.objects("vms").stream().noneMatch(vm -> vm.has("error"));
    }
}
