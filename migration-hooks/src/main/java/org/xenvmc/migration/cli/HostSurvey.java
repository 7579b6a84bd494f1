package org.xenvmc.migration.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.shm.connection.ControlClient;
import org.xenvmc.transport.HostStatus.VmEntry;

/** Asks every VM of a host how it is. */
final class HostSurvey {
    private HostSurvey() {}

    /**
     * The host with its VMs and their connections.
     *
     * @param limit how long to wait for each VM; one that does not answer is shown with its error
     */
    static JsonObject of(ControlClient client, String host, Duration limit) {
        List<JsonObject> vms = new ArrayList<>();
        for (VmEntry vm : client.vms()) {
            vms.add(vm(client, vm, limit));
        }
        return new JsonObject().put("host", host).put("vms", vms);
    }

    private static JsonObject vm(ControlClient client, VmEntry vm, Duration limit) {
        JsonObject out = new JsonObject()
                .put("domId", vm.id().domId())
                .put("uuid", vm.uuid())
                .put("pid", vm.pid())
                .put("address", vm.id().address())
                .put("network", vm.network())
                .put("addresses", vm.addresses())
                .put("ports", vm.ports());
        try {
            JsonObject answer = JsonObject.parse(Questions.ask(client, vm.id().domId(), "stat", "", limit));
            JsonObject host = answer.object("host");
            out.put("epoch", host.number("epoch"))
                    .put("phase", answer.text("phase"))
                    .put("reason", host.text("reason"))
                    .put("connections", answer.objects("connections"));
        } catch (IOException e) {
            out.put("error", e.getMessage());
        }
        return out;
    }
}
