package org.xenvmc.migration.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.xenvmc.migration.command.Addresses;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.transport.HostStatus.VmEntry;
import org.xenvmc.transport.ReasonCode;
import org.xenvmc.transport.VmcContext;
import org.xenvmc.transport.spi.Candidate;
import org.xenvmc.transport.spi.Reach;

/** Whether an address can be reached over shared memory, and how that was found out, step by step. Used by one thread. */
final class Reachability {
    /**
     * One thing that was looked at.
     *
     * @param name what
     * @param good whether it permits shared memory
     * @param detail what was found
     */
    record Step(String name, boolean good, String detail) {}

    /** Asks a VM whether it would accept an offer. */
    @FunctionalInterface
    interface Peers {
        /**
         * What the VM itself would find against a connection.
         *
         * @throws IOException when there is no answer; see {@link Questions#isSilence}
         */
        ReasonCode obstacle(VmEntry vm) throws IOException;
    }

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

    /** Looks at what a running VM says of itself. */
    void vmItself(String who, ReasonCode obstacle) {
        if (obstacle == ReasonCode.NONE) {
            good("itself", who + " has joined the host, and allows shared memory for " + text());
        } else {
            bad("itself", obstacle, who + ": " + obstacle.explanation());
        }
    }

    /** Looks for VMs that may have the other end, and asks them. */
    void candidates(Viewpoint view, Peers peers) {
        List<Candidate> listening = view.candidates().stream()
                .filter(c -> c.reach() != Reach.NOT_LISTENING)
                .toList();
        List<VmEntry> possible = listening.stream()
                .filter(c -> c.reach() == Reach.POSSIBLE)
                .map(Candidate::vm)
                .toList();
        if (listening.isEmpty()) {
            bad(
                    "listener",
                    ReasonCode.NOT_CO_RESIDENT,
                    "none of the " + view.candidates().size() + " VMs of this host listens on port " + target.getPort()
                            + " with this library");
        } else if (possible.isEmpty()) {
            for (Candidate c : listening) {
                bad(
                        "network",
                        ReasonCode.NOT_CO_RESIDENT,
                        who(c.vm()) + " listens on the port, but " + c.reach().explanation());
            }
        } else {
            address(view, possible);
            answers(possible, peers);
        }
    }

    /** Whoever is asked looks for the very connection; to an address of another machine he cannot have it. */
    private void address(Viewpoint view, List<VmEntry> possible) {
        boolean known = possible.stream()
                .anyMatch(vm -> vm.addresses().contains(target.getAddress().getHostAddress()));
        if (view.isHere() || known) {
            good("address", text() + " is an address of this network namespace, or of the VM that listens");
        } else {
            bad(
                    "address",
                    ReasonCode.NO_MIRRORED_CONNECTION,
                    "a VM of this host listens on port " + target.getPort() + ", but "
                            + target.getAddress().getHostAddress()
                            + " is another machine, or is translated on the way: the VM does not see this connection");
        }
    }

    private void answers(List<VmEntry> possible, Peers peers) {
        List<Step> refusals = new ArrayList<>();
        ReasonCode why = ReasonCode.NONE;
        for (VmEntry vm : possible) {
            ReasonCode answer = answer(vm, peers);
            if (answer == ReasonCode.NONE) {
                good("listener", who(vm) + " listens on port " + target.getPort() + " and would accept");
                return;
            }
            why = answer;
            refusals.add(new Step("listener", false, who(vm) + " listens on the port, but: " + answer.explanation()));
        }
        for (Step s : refusals) {
            bad(s.name(), why, s.detail());
        }
    }

    private static ReasonCode answer(VmEntry vm, Peers peers) {
        try {
            return peers.obstacle(vm).atTheOtherEnd();
        } catch (IOException e) {
            // one that answers, but not to this question, is of another version: the offer itself will tell
            return Questions.isSilence(e) ? ReasonCode.PEER_SILENT : ReasonCode.NONE;
        }
    }

    static String who(VmEntry vm) {
        return "VM " + vm.id().domId() + " (pid " + vm.pid() + ")";
    }

    private String text() {
        return Addresses.text(target);
    }

    JsonObject toJson() {
        return new JsonObject()
                .put("target", text())
                .put("reachable", possible())
                .put("reason", reason)
                .put("reasonCode", reason.code())
                .put("explanation", possible() ? "" : reason.explanation())
                .put("advice", Advice.on(reason))
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
        String advice = Advice.on(reason);
        return out.append(advice.isEmpty() ? "" : "\nWhat to do: " + advice)
                .append('\n')
                .toString();
    }
}
