package org.xenvmc.migration.cli.debug;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.xenvmc.migration.cli.HostOption;
import org.xenvmc.migration.cli.HostSurvey;
import org.xenvmc.migration.cli.Questions;
import org.xenvmc.migration.cli.StatTable;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.shm.connection.ControlClient;
import org.xenvmc.transport.HostStatus.VmEntry;

/** What the VMs of a host say about themselves. */
final class HostReport {
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private HostReport() {}

    static void add(Bundle bundle, HostOption host) {
        try (ControlClient client = host.open()) {
            JsonObject survey = HostSurvey.of(client, host.directory(), LIMIT);
            bundle.add("stat.txt", "VMs and connections, as a table", () -> StatTable.render(survey));
            bundle.add("stat.json", "the same with everything that is known", survey::toIndentedText);
            bundle.add("vms.json", "Java and settings of each VM", () -> settings(client)
                    .toIndentedText());
        } catch (IOException e) {
            bundle.add("stat.txt", "VMs and connections", () -> {
                throw e;
            });
        }
    }

    private static JsonObject settings(ControlClient client) {
        List<JsonObject> vms = new ArrayList<>();
        for (VmEntry vm : client.vms()) {
            JsonObject about = new JsonObject().put("domId", vm.id().domId()).put("pid", vm.pid());
            try {
                about.put(
                        "settings",
                        JsonObject.parse(Questions.ask(client, vm.id().domId(), "settings", "", LIMIT)));
            } catch (IOException e) {
                about.put("error", e.getMessage());
            }
            vms.add(about);
        }
        return new JsonObject().put("vms", vms);
    }
}
