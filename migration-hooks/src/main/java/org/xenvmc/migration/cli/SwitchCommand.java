package org.xenvmc.migration.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.shm.connection.ControlClient;
import org.xenvmc.transport.HostStatus.VmEntry;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code switch}: the kill switch of a running VM. */
@Command(
        name = "switch",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Switches shared memory of a running VM off or on.",
            "Off: its connections go on over TCP, losing nothing, and new ones stay there."
        })
final class SwitchCommand implements Callable<Integer> {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    /** What the kill switch can be set to. */
    enum Position {
        /** Shared memory is allowed. */
        ON,
        /** Everything goes over TCP. */
        OFF
    }

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--vm",
            paramLabel = "ID",
            required = true,
            description = "Number of the VM on its host, or its UUID.")
    private String vm;

    @Parameters(paramLabel = "on|off", description = "Whether the VM may use shared memory.")
    private Position position;

    @Mixin
    private HostOption host;

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() throws IOException {
        json.check();
        try (ControlClient client = host.open()) {
            VmEntry entry = VmSelection.find(client.vms(), host.directory(), vm);
            boolean on = position == Position.ON;
            Questions.ask(client, entry.id().domId(), on ? "enable" : "disable", "", LIMIT);
            if (!json.replacesText()) {
                PrintWriter out = spec.commandLine().getOut();
                out.printf(
                        "VM %d (pid %d): shared memory is switched %s%n",
                        entry.id().domId(), entry.pid(), on ? "on" : "off");
                out.flush();
            }
            json.write(new JsonObject()
                    .put("vm", entry.id().domId())
                    .put("uuid", entry.uuid())
                    .put("pid", entry.pid())
                    .put("enabled", on));
            return 0;
        }
    }
}
