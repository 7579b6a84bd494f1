package org.xenvmc.migration.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.xenvmc.migration.command.Addresses;
import org.xenvmc.migration.json.JsonException;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.shm.connection.ControlClient;
import org.xenvmc.transport.HostStatus.VmEntry;
import org.xenvmc.transport.ReasonCode;
import org.xenvmc.transport.VmId;
import org.xenvmc.transport.spi.Candidate;
import org.xenvmc.transport.spi.Reach;

/**
 * What one side knows of an address to which it would connect. All of it comes from the library itself, which decides by it.
 *
 * @param local the address from which the connection would come
 * @param obstacle what keeps the side itself from shared memory
 * @param isHere whether the address belongs to the side's own network namespace
 * @param candidates the VMs of the host
 */
record Viewpoint(InetSocketAddress local, ReasonCode obstacle, boolean isHere, List<Candidate> candidates) {

    /** What this process sees, with its own configuration. */
    static Viewpoint ofTool(ControlClient client, InetSocketAddress remote) {
        return new Viewpoint(
                Addresses.localTowards(remote),
                ReasonCode.NONE, // looked at before the host was joined
                Addresses.isHere(remote.getAddress()),
                client.candidates(remote));
    }

    /** What a running VM says that it sees. */
    static Viewpoint ofVm(ControlClient client, int domId, InetSocketAddress remote, Duration limit)
            throws IOException {
        String question = new JsonObject().put("remote", Addresses.text(remote)).toString();
        JsonObject answer = JsonObject.parse(Questions.ask(client, domId, "reach", question, limit));
        List<Candidate> candidates = new ArrayList<>();
        for (JsonObject c : answer.objects("candidates")) {
            candidates.add(candidate(c));
        }
        return new Viewpoint(
                Addresses.parse(answer.text("local")),
                ReasonCode.valueOf(answer.text("obstacle")),
                answer.flag("isHere"),
                candidates);
    }

    private static Candidate candidate(JsonObject c) throws JsonException {
        VmEntry vm = new VmEntry(
                new VmId(c.text("address"), (int) c.number("domId")),
                c.text("uuid"),
                c.number("pid"),
                c.text("network"),
                c.texts("addresses"),
                c.numbers("ports").stream().map(Long::intValue).toList(),
                (int) c.number("connections"));
        return new Candidate(vm, Reach.valueOf(c.text("reach")));
    }
}
