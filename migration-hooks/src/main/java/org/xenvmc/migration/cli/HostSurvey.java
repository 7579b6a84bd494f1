package org.xenvmc.migration.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.shm.connection.ControlClient;
import org.xenvmc.transport.HostStatus.VmEntry;

/** Asks every VM of a host how it is. */
public final class HostSurvey {
    private HostSurvey() {}

    /**
     * The host with its VMs and their connections, in the order of the VMs' numbers. All are asked at the same time.
     *
     * @param limit how long to wait in all; a VM that does not answer in time is shown with its error
     */
    public static JsonObject of(ControlClient client, String host, Duration limit) throws IOException {
        return of(client, host, client.vms(), limit);
    }

    /** The same for some VMs of the host. */
    static JsonObject of(ControlClient client, String host, List<VmEntry> vms, Duration limit) throws IOException {
        List<FutureTask<JsonObject>> answers = new ArrayList<>();
        List<VmEntry> ordered = new ArrayList<>(vms);
        ordered.sort(Comparator.comparingInt(vm -> vm.id().domId()));
        for (VmEntry vm : ordered) {
            FutureTask<JsonObject> answer = new FutureTask<>(() -> vm(client, vm, limit));
            answers.add(answer);
            Thread thread = new Thread(answer, "stat-" + vm.id().domId());
            thread.setDaemon(true);
            thread.start();
        }
        List<JsonObject> found = new ArrayList<>();
        for (FutureTask<JsonObject> answer : answers) {
            found.add(get(answer));
        }
        return new JsonObject().put("host", host).put("vms", found);
    }

    private static JsonObject get(FutureTask<JsonObject> answer) throws IOException {
        try {
            return answer.get(); // ends with its limit
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while VMs were asked", e);
        } catch (ExecutionException e) {
            throw new IOException("asking a VM failed", e.getCause());
        }
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
                    .put("totals", answer.object("totals"))
                    .put("connections", answer.objects("connections"));
        } catch (IOException e) {
            out.put("error", e.getMessage());
        }
        return out;
    }
}
