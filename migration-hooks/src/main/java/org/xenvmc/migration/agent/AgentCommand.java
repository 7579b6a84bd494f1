package org.xenvmc.migration.agent;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.xenvmc.migration.cli.HostOption;
import org.xenvmc.migration.cli.SizeConverter;
import org.xenvmc.migration.cli.Version;
import org.xenvmc.migration.journal.Journal;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code agent}: runs until it is told to end. */
@Command(
        name = "agent",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Watches a host: writes to a journal who joins, leaves and dies, which connections switch, and what",
            "is heard of migrations; passes that to the VMs. Runs until it is ended (Ctrl-C, SIGTERM).",
            "Connections do not need it."
        })
final class AgentCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private HostOption host;

    @ArgGroup(exclusive = false)
    private Region region;

    /** What the agent owns. */
    static final class Region {
        @Option(
                names = "--region",
                paramLabel = "FILE",
                required = true,
                description =
                        "Own the memory of the guests' ivshmem devices: make this file, such as /dev/shm/NAME, or take"
                                + " it over from an agent that died; watch it as the host; remove it at the end.")
        private Path file;

        @Option(
                names = "--size",
                paramLabel = "SIZE",
                converter = SizeConverter.class,
                description = "Size of the region, a power of two, such as 64m. Default: ${DEFAULT-VALUE}.")
        private long bytes = 64 << 20;

        @Option(
                names = "--vms",
                paramLabel = "N",
                description = "For how many VMs it is. Default: one for each 4 MiB, at least 2, at most 8.")
        private int vms;

        OwnedRegion.Settings toSettings() {
            if (vms < 0 || vms > 63) {
                throw new IllegalArgumentException("--vms is from 1 to 63");
            }
            return new OwnedRegion.Settings(file, bytes, vms);
        }
    }

    @Option(names = "--journal", paramLabel = "DIR", description = "Where the journal is. Default: ~/.xenvmc/journal.")
    private Path journal;

    @Option(
            names = "--journal-mb",
            paramLabel = "MB",
            description = "Most that the journal may take; its oldest part is forgotten. Default: ${DEFAULT-VALUE}.")
    private int journalMb = (int) (Journal.DEFAULT_MAX_BYTES >> 20);

    @Option(
            names = "--guests",
            paramLabel = "DIR",
            description = "Directory with the control sockets of the VMs (their source socket:DIR)."
                    + " Default: ~/.xenvmc/guests.")
    private Path guests;

    @Option(
            names = "--source",
            paramLabel = "LIST",
            description = "Who tells of migrations, with commas: control[:DEVICE], google[:URL], azure[:URL],"
                    + " identity:FILE. Default: nobody.")
    private String sources = "";

    @Option(
            names = "--socket",
            paramLabel = "DIR",
            description = "Directory for a control socket of the agent itself, agent.control. Default: none.")
    private Path socket;

    @Option(
            names = "--interval-ms",
            paramLabel = "MS",
            description = "Time between two looks at the connections. Default: ${DEFAULT-VALUE}.")
    private long intervalMs = 1000;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (intervalMs < 1 || (long) journalMb << 20 < Journal.MIN_MAX_BYTES) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--interval-ms has to be positive, and --journal-mb at least " + (Journal.MIN_MAX_BYTES >> 20));
        }
        Agent agent;
        try {
            agent = new Agent(new Agent.Settings(
                    host.context().hostDirectory(host.directory()),
                    region == null ? null : region.toSettings(),
                    Places.journal(journal),
                    (long) journalMb << 20,
                    Places.guests(guests),
                    sources,
                    socket == null ? null : socket.toAbsolutePath(),
                    Duration.ofMillis(intervalMs)));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(agent::close, "xenvmc-agent-end"));
        PrintWriter out = spec.commandLine().getOut();
        out.println("watching " + (region == null ? host.directory() : region.file.toString()) + ", journal in "
                + Places.journal(journal));
        agent.sources().forEach(name -> out.println("listening to " + name));
        out.flush();
        new CountDownLatch(1).await(); // the signal that ends the process ends this
        return 0;
    }
}
