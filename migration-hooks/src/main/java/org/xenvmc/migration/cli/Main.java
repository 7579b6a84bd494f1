package org.xenvmc.migration.cli;

import org.xenvmc.migration.cli.debug.DebugCommand;
import org.xenvmc.migration.cli.demo.DemoCommand;
import org.xenvmc.migration.cli.demo.DemoVmCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Entry point of the command line. */
@Command(
        name = "xenvmc",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Sockets over shared memory between virtual machines of one host, TCP otherwise.",
        subcommands = {
            DemoCommand.class,
            StatCommand.class,
            CheckCommand.class,
            DebugCommand.class,
            MigrateCommand.class,
            SwitchCommand.class,
            CostCommand.class,
            DemoVmCommand.class
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
