package org.xenvmc.migration.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.xenvmc.migration.MigrationMode;
import org.xenvmc.migration.RelocationReport.Outcome;
import org.xenvmc.migration.Relocator;
import org.xenvmc.migration.json.JsonObject;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code migrate}: moves a running VM to another host. */
@Command(
        name = "migrate",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Moves a running VM (process) from one host directory to another, through the three phases of a",
            "live migration, and waits until it has arrived. Its connections go on meanwhile.",
            "A QEMU guest is migrated with --qmp, by the agent's jar: ./xenvmc migrate --qmp SOCKET --help."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the VM is on the new host, and no connection was lost",
            "1:it is not, or connections were lost; the message says why",
            "2:an option or argument is wrong"
        })
final class MigrateCommand implements Callable<Integer> {
    private static final long MAX_LIMIT_MS = 3_600_000;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--vm",
            paramLabel = "ID",
            required = true,
            description = "Number of the VM on its host, or its UUID.")
    private String vm;

    @Option(names = "--to", paramLabel = "HOSTDIR", required = true, description = "Directory of the host to go to.")
    private String to;

    @Mixin
    private HostOption host;

    @Option(
            names = "--mode",
            paramLabel = "keep|early",
            description =
                    "keep (default): connections stay on shared memory until the VM leaves; early: they leave at once.")
    private MigrationMode mode = MigrationMode.KEEP;

    @Option(
            names = "--precopy-ms",
            paramLabel = "MS",
            description = "Length of phase two, in which a hypervisor would copy memory. Default: 0.")
    private long preCopyMs;

    @Option(
            names = "--limit-ms",
            paramLabel = "MS",
            description = "Longest time that leaving the old host may take. Default: ${DEFAULT-VALUE}.")
    private long limitMs = 10_000;

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() throws IOException {
        json.check();
        between("--precopy-ms", preCopyMs, 0, Relocator.MAX_PRE_COPY.toMillis());
        between("--limit-ms", limitMs, 1, MAX_LIMIT_MS);
        String from = host.directory();
        String target = HostOption.absolute(to);
        if (target.equals(from)) {
            throw wrong("--to " + to + " is the host on which the VM is; name another");
        }
        host.open().close(); // says what is wrong with the host before a directory is made for the other
        Move.Result result =
                new Move(from, vm, target, mode, Duration.ofMillis(preCopyMs), Duration.ofMillis(limitMs)).carryOut();
        if (!json.replacesText()) {
            PrintWriter out = spec.commandLine().getOut();
            out.print(describe(result));
            out.flush();
        }
        json.write(result.report()
                .put("uuid", result.vm().uuid())
                .put("pid", result.vm().pid())
                .put("domId", result.vm().id().domId()));
        return result.outcome() == Outcome.ARRIVED && lost(result) == 0 ? 0 : 1;
    }

    private void between(String option, long value, long min, long max) {
        if (value < min || value > max) {
            throw wrong(option + ": " + value + " is not between " + min + " and " + max);
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private static long lost(Move.Result result) throws IOException {
        return result.report().has("connections")
                ? result.report().object("connections").number("lost")
                : 0;
    }

    private String describe(Move.Result result) throws IOException {
        JsonObject report = result.report();
        StringBuilder text = new StringBuilder();
        String name =
                "VM " + vm + " (pid " + result.vm().pid() + ", " + result.vm().uuid() + ")";
        if (result.outcome() == Outcome.ARRIVED) {
            text.append(name + " moved from " + report.text("from", "no host") + " to " + to + ", where it is VM "
                    + result.vm().id().domId() + "\n");
        } else {
            text.append(name + " was not moved and is on " + report.text("from", "no host") + ": "
                    + report.text("error") + "\n");
        }
        text.append("  phase two " + Units.time(report.number("preCopyNs")) + ", leaving "
                + Units.time(report.number("leaveNs")) + ", joining " + Units.time(report.number("joinNs")) + "\n");
        if (report.has("connections")) {
            JsonObject c = report.object("connections");
            text.append("  " + c.number("connections") + " connections left shared memory: " + c.number("moved")
                    + " go on over TCP, " + c.number("lost") + " lost; " + Units.bytes(c.number("drainedBytes"))
                    + " taken out of rings for applications that did not read\n");
        }
        return text.toString();
    }
}
