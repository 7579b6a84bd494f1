package org.xenvmc.migration.agent;

import org.xenvmc.migration.cli.Failures;
import org.xenvmc.migration.cli.Version;
import org.xenvmc.migration.vmdemo.VmDemoCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Entry point of the agent's jar. */
@Command(
        name = "xenvmc",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "The host's side: agent, journal, migration of QEMU guests.",
        subcommands = {
            AgentCommand.class,
            EventsCommand.class,
            QemuMigrateCommand.class,
            LibvirtCommand.class,
            VmDemoCommand.class
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:it worked", "1:it did not work; the message says why", "2:an option or argument is wrong"})
public final class Main implements Runnable {
    @Spec
    private CommandSpec spec;

    private Main() {}

    /** Carries out a command and ends the process with its exit code. */
    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    /** The command line, for use inside a process. */
    public static CommandLine commandLine() {
        return new CommandLine(new Main())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler(new Failures());
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }
}
