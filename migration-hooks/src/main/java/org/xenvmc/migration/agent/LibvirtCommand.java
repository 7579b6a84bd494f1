package org.xenvmc.migration.agent;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.xenvmc.migration.MigrationHook;
import org.xenvmc.migration.MigrationHook.Answer;
import org.xenvmc.migration.MigrationMode;
import org.xenvmc.migration.MigrationNotice;
import org.xenvmc.migration.cli.Version;
import org.xenvmc.migration.hook.RemoteHook;
import org.xenvmc.migration.journal.Journal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code libvirt}: tells a guest of libvirt's about its migration. */
@Command(
        name = "libvirt",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Tells a guest of libvirt's about its migration, through its channel org.xenvmc.control. Reads the",
            "domain's XML, as libvirt gives it to its hooks and as 'virsh dumpxml' prints it."
        })
final class LibvirtCommand implements Callable<Integer> {
    private static final Path STANDARD_INPUT = Path.of("/dev/stdin");

    /** What is to be done. */
    enum Operation {
        /** Before a migration, on the old host: the guest leaves shared memory. */
        leave,
        /** The migration is given up. */
        stay,
        /** On the new host, called by the hook when QEMU was started: waits until the guest runs, and tells it. */
        started
    }

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "GUEST", description = "Name of the guest, for messages.")
    private String guest;

    @Parameters(
            paramLabel = "leave|stay|started",
            description =
                    "leave: before 'virsh migrate', on the old host. stay: it was given up. started: called by the"
                            + " hook on the new host; waits until the guest answers there.")
    private Operation operation;

    @Option(names = "--xml", paramLabel = "FILE", description = "The domain's XML. Default: standard input.")
    private Path xml = STANDARD_INPUT;

    @Mixin
    private TellingOptions telling;

    @Option(
            names = "--timeout",
            paramLabel = "S",
            description = "How long 'started' waits for the guest to run. Default: ${DEFAULT-VALUE}.")
    private long timeoutS = 3_600;

    @Override
    public Integer call() throws IOException {
        LibvirtDomain domain;
        try (InputStream in = Files.newInputStream(xml)) {
            domain = LibvirtDomain.read(in);
        }
        if (domain.control().isEmpty()) {
            if (operation == Operation.started) {
                return 0; // a guest of somebody else's
            }
            throw new IOException(guest + " has no channel org.xenvmc.control; add one to its definition");
        }
        Duration patience = operation == Operation.started ? Duration.ofSeconds(timeoutS) : Duration.ofSeconds(10);
        String id = "libvirt-" + domain.uuid();
        try (RemoteHook remote = RemoteHook.connect(domain.control().get(), patience);
                Journal writing = telling.openJournal()) {
            MigrationHook hook = writing == null ? remote : new JournaledHook(remote, new JournalWriter(writing));
            Answer answer = tell(hook, id);
            if (!answer.accepted()) {
                throw new IOException(guest + " did not accept '" + operation + "': " + answer.detail());
            }
            spec.commandLine().getOut().println(guest + ": " + operation + " accepted");
            spec.commandLine().getOut().flush();
            return 0;
        }
    }

    private Answer tell(MigrationHook hook, String id) {
        if (operation == Operation.stay) {
            return hook.aborted(id);
        }
        if (operation == Operation.started) {
            return hook.resumed(id, null);
        }
        Answer prepared = hook.prepare(new MigrationNotice(id, null, MigrationMode.EARLY, telling.leaveLimit()));
        if (!prepared.accepted()) {
            return prepared;
        }
        Answer finished = hook.finish(id);
        if (!finished.accepted()) {
            hook.aborted(id);
        }
        return finished;
    }
}
