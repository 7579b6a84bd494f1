package org.xenvmc.migration.command;

import java.util.Optional;
import org.xenvmc.migration.RelocationReport;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.HostStatus;
import org.xenvmc.transport.SwitchReport;
import org.xenvmc.transport.TransportStatistics;
import org.xenvmc.transport.VmId;

/** How what the engine knows looks in JSON. */
final class StatusJson {
    private StatusJson() {}

    static JsonObject host(HostStatus host) {
        return new JsonObject()
                .put("host", host.host())
                .put("joined", host.joined())
                .put("reason", host.reason())
                .put("reasonCode", host.reason().code())
                .put("epoch", host.epoch())
                .put("self", vmId(host.self()))
                .put("vms", host.vms().stream().map(StatusJson::vm).toList());
    }

    static JsonObject vm(HostStatus.VmEntry vm) {
        return new JsonObject()
                .put("domId", vm.id().domId())
                .put("address", vm.id().address())
                .put("uuid", vm.uuid())
                .put("pid", vm.pid())
                .put("network", vm.network())
                .put("addresses", vm.addresses())
                .put("ports", vm.ports())
                .put("connections", vm.connections());
    }

    /** This VM's own entry, as far as it has joined a host. */
    static Optional<HostStatus.VmEntry> self(HostStatus host) {
        return host.vms().stream().filter(vm -> vm.id().equals(host.self())).findFirst();
    }

    static JsonObject connection(ConnectionInfo c) {
        return new JsonObject()
                .put("id", c.id())
                .put("local", Addresses.text(c.local()))
                .put("remote", Addresses.text(c.remote()))
                .put("initiator", c.initiator())
                .put("peer", vmId(c.peer()))
                .put("sending", direction(c.sending()))
                .put("receiving", direction(c.receiving()));
    }

    private static JsonObject direction(ConnectionInfo.Direction d) {
        return new JsonObject()
                .put("path", d.path())
                .put("reason", d.reason())
                .put("reasonCode", d.reason().code())
                .put("bytes", d.bytes())
                .put("ringBytes", d.ringBytes())
                .put("switches", d.switches())
                .put("ringCapacityBytes", d.ringCapacityBytes())
                .put("ringFillBytes", d.ringFillBytes())
                .put("sleeps", d.sleeps())
                .put("wakeUps", d.wakeUps());
    }

    /** Of all connections since the VM began, closed ones included. */
    static JsonObject totals(TransportStatistics s) {
        return new JsonObject()
                .put("opened", s.opened())
                .put("closed", s.closed())
                .put("lost", s.lost())
                .put("sentBytes", s.sending().bytes())
                .put("sentByMemoryBytes", s.sending().ringBytes())
                .put("receivedBytes", s.receiving().bytes())
                .put("receivedByMemoryBytes", s.receiving().ringBytes());
    }

    static JsonObject relocation(RelocationReport r) {
        return new JsonObject()
                .put("id", r.id())
                .put("outcome", r.outcome())
                .put("mode", r.mode())
                .put("from", r.fromHost())
                .put("to", r.toHost())
                .put("connections", r.connections() == null ? null : switchReport(r.connections()))
                .put("preCopyNs", r.preCopyNs())
                .put("leaveNs", r.leaveNs())
                .put("joinNs", r.joinNs())
                .put("error", r.error());
    }

    static JsonObject switchReport(SwitchReport r) {
        return new JsonObject()
                .put("connections", r.connections())
                .put("moved", r.moved())
                .put("lost", r.lost())
                .put("drainedBytes", r.drainedBytes())
                .put("durationNs", r.durationNs());
    }

    private static JsonObject vmId(VmId id) {
        return id == null ? null : new JsonObject().put("domId", id.domId()).put("address", id.address());
    }
}
