package org.xenvmc.migration.cli;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.transport.HostStatus.VmEntry;
import org.xenvmc.transport.ReasonCode;
import org.xenvmc.transport.VmcContext;

/**
 * Decides from what the table says whether an address can be reached over shared memory, and records how it came to
 * that. The last word has the rendezvous itself, which looks for the mirrored connection. Used by one thread.
 */
final class Reachability {
    /**
     * A VM that may be meant.
     *
     * @param entry its entry in the table
     * @param networkNamespace name of its network namespace; empty when not known
     */
    record Candidate(VmEntry entry, String networkNamespace) {}

    /**
     * One thing that was looked at.
     *
     * @param name what
     * @param good whether it permits shared memory
     * @param detail what was found
     */
    record Step(String name, boolean good, String detail) {}

    private final InetSocketAddress target;
    private final List<Step> steps = new ArrayList<>();
    private ReasonCode reason = ReasonCode.NONE;

    Reachability(InetSocketAddress target) {
        this.target = target;
    }

    /** Whether nothing speaks against shared memory so far. */
    boolean possible() {
        return reason == ReasonCode.NONE;
    }

    ReasonCode reason() {
        return reason;
    }

    List<Step> steps() {
        return List.copyOf(steps);
    }

    void good(String name, String detail) {
        steps.add(new Step(name, true, detail));
    }

    /** Something speaks against shared memory; the first reason counts. */
    void bad(String name, ReasonCode why, String detail) {
        steps.add(new Step(name, false, detail));
        if (possible()) {
            reason = why;
        }
    }

    /** Looks at this side's configuration, which has to be concluded. */
    void configuration(VmcContext context, InetSocketAddress local) {
        if (!context.enabled()) {
            bad("switch", ReasonCode.SWITCHED_OFF, VmcContext.ENABLED_PROPERTY + "=false here");
        } else if (!context.permits(local, target)) {
            bad(
                    "rules",
                    ReasonCode.DENIED_BY_RULE,
                    VmcContext.ALLOW_PROPERTY + "=" + context.allow() + " " + VmcContext.DENY_PROPERTY + "="
                            + context.deny() + " forbid " + text());
        } else {
            good("rules", "shared memory is allowed for " + text() + " here");
        }
    }

    /** Looks for VMs that have the address, among all of the host. */
    void candidates(List<Candidate> vms, VmEntry self, String ownNamespace) {
        List<Candidate> listening = vms.stream()
                .filter(vm -> vm.entry().ports().contains(target.getPort()))
                .toList();
        if (listening.isEmpty()) {
            bad(
                    "listener",
                    ReasonCode.NOT_CO_RESIDENT,
                    "none of the " + vms.size() + " VMs of this host listens on port " + target.getPort()
                            + " with this library");
            return;
        }
        List<Step> refusals = new ArrayList<>();
        for (Candidate vm : listening) {
            String who = "VM " + vm.entry().id().domId() + " (pid " + vm.entry().pid() + ")";
            String obstacle = obstacle(vm, self, ownNamespace);
            if (obstacle.isEmpty()) {
                good("listener", who + " listens on port " + target.getPort() + " and can have this address");
                return;
            }
            refusals.add(new Step("network", false, who + " listens on the port, but " + obstacle));
        }
        refusals.forEach(r -> bad(r.name(), ReasonCode.NOT_CO_RESIDENT, r.detail()));
    }

    /** Why the address cannot be this VM's; empty when it can. */
    private String obstacle(Candidate vm, VmEntry self, String ownNamespace) {
        InetAddress address = target.getAddress();
        String text = unscoped(address);
        boolean isIts = vm.entry().addresses().contains(text);
        if (!ownNamespace.isEmpty() && ownNamespace.equals(vm.networkNamespace())) {
            return isIts || address.isLoopbackAddress() ? "" : text + " is not one of its addresses";
        }
        if (address.isLoopbackAddress() || address.isLinkLocalAddress()) {
            return "it is in another network namespace, where " + text + " means something else";
        }
        if (!isIts) {
            return text + " is not one of its addresses";
        }
        boolean sameLabel =
                !self.network().isEmpty() && self.network().equals(vm.entry().network());
        if (sameLabel || !isPrivate(address)) {
            return "";
        }
        return text + " is a private address, and the two are in different network namespaces without a common label ("
                + VmcContext.NETWORK_PROPERTY + " is '" + self.network() + "' here and '"
                + vm.entry().network() + "' there)";
    }

    /** RFC 1918, RFC 4193, RFC 6598. */
    private static boolean isPrivate(InetAddress address) {
        byte[] a = address.getAddress();
        boolean uniqueLocal = a.length == 16 && (a[0] & 0xfe) == 0xfc;
        boolean shared = a.length == 4 && (a[0] & 0xff) == 100 && (a[1] & 0xc0) == 64;
        return address.isSiteLocalAddress() || uniqueLocal || shared;
    }

    private static String unscoped(InetAddress address) {
        String text = address.getHostAddress();
        int scope = text.indexOf('%');
        return scope < 0 ? text : text.substring(0, scope);
    }

    private String text() {
        String address = target.getAddress().getHostAddress();
        return (address.contains(":") ? "[" + address + "]" : address) + ":" + target.getPort();
    }

    JsonObject toJson() {
        return new JsonObject()
                .put("target", text())
                .put("reachable", possible())
                .put("reason", reason)
                .put("reasonCode", reason.code())
                .put("explanation", possible() ? "" : reason.explanation())
                .put(
                        "steps",
                        steps.stream()
                                .map(s -> new JsonObject()
                                        .put("name", s.name())
                                        .put("good", s.good())
                                        .put("detail", s.detail()))
                                .toList());
    }

    @Override
    public String toString() {
        StringBuilder out = new StringBuilder();
        for (Step s : steps) {
            out.append(String.format("  %-4s %-9s %s%n", s.good() ? "ok" : "NO", s.name(), s.detail()));
        }
        String verdict = possible() ? "can be reached over shared memory" : "stays on TCP";
        out.append(text()).append(' ').append(verdict);
        out.append(possible() ? "" : ": " + reason + " (" + reason.code() + "), " + reason.explanation());
        return out.append('\n').toString();
    }
}
