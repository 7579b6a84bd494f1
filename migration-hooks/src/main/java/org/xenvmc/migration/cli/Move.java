package org.xenvmc.migration.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.xenvmc.migration.MigrationMode;
import org.xenvmc.migration.RelocationReport.Outcome;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.shm.connection.ControlClient;
import org.xenvmc.transport.HostStatus.VmEntry;
import org.xenvmc.transport.VmcContext;

/**
 * Moves a running VM to another host and waits until it is there. The VM is told over its old host; how it went is
 * asked on whichever of the two hosts it turns up.
 *
 * @param fromHost directory of the host on which the VM is
 * @param vm which VM: its number or UUID
 * @param toHost directory of the host to go to
 * @param mode what connections do in phase two
 * @param preCopy how long phase two lasts
 * @param limit how long leaving the old host may take
 */
public record Move(String fromHost, String vm, String toHost, MigrationMode mode, Duration preCopy, Duration limit) {
    /** A VM that leaves takes questions with it that it has not answered: no answer means to look again. */
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(2);

    private static final Duration PING_LIMIT = Duration.ofSeconds(10);
    private static final Duration REPORT_LIMIT = Duration.ofMillis(250);
    /** Joining, and everything that is slow on a busy machine. */
    private static final Duration ARRIVAL_ALLOWANCE = Duration.ofSeconds(40);

    private static final long LOOK_AGAIN_NS = TimeUnit.MILLISECONDS.toNanos(5);
    /** Looks at the new host for each look at the old one, where the VM is found only if it came back. */
    private static final int TARGET_LOOKS = 20;

    /**
     * A VM that was moved, or was to be.
     *
     * @param vm its entry on the host on which it is now
     * @param outcome how the move ended
     * @param report what the VM says of it
     */
    public record Result(VmEntry vm, Outcome outcome, JsonObject report) {}

    /**
     * Carries the move out.
     *
     * @throws IOException when one of the hosts cannot be used, the VM is not there or refuses, or it turns up nowhere
     */
    public Result carryOut() throws IOException {
        try (ControlClient target = open(toHost);
                ControlClient source = open(fromHost)) {
            VmEntry entry = VmSelection.find(source.vms(), fromHost, vm);
            String id = UUID.randomUUID().toString();
            tell(source, entry, id);
            return await(source, target, entry, id);
        }
    }

    private static ControlClient open(String host) throws IOException {
        return ControlClient.open(VmcContext.fromSystemProperties().hostDirectory(host));
    }

    private void tell(ControlClient source, VmEntry entry, String id) throws IOException {
        JsonObject argument = new JsonObject()
                .put("id", id)
                .put("to", toHost)
                .put("mode", mode.name().toLowerCase(Locale.ROOT))
                .put("precopyMs", preCopy.toMillis())
                .put("limitMs", limit.toMillis());
        int domId = entry.id().domId();
        Questions.ask(source, domId, "ping", "", PING_LIMIT);
        try {
            source.call(domId, "migrate", argument.toString(), ANSWER_LIMIT);
        } catch (IOException e) {
            // silence may mean that it left before its answer was out
            if (!Questions.isSilence(e)) {
                throw e;
            }
        }
    }

    private Result await(ControlClient source, ControlClient target, VmEntry entry, String id) throws IOException {
        Duration allowed = limit.plus(preCopy).plus(ARRIVAL_ALLOWANCE);
        long deadlineNs = System.nanoTime() + allowed.toNanos();
        IOException silence = null;
        int looks = 0;
        while (System.nanoTime() - deadlineNs < 0) {
            try {
                boolean back = ++looks % TARGET_LOOKS == 0;
                Optional<Result> result = look(back ? source : target, entry, id);
                if (result.isPresent()) {
                    return result.get();
                }
            } catch (IOException e) {
                silence = e; // it was just leaving, or knows nothing of the migration yet
            }
            LockSupport.parkNanos(LOOK_AGAIN_NS);
            if (Thread.interrupted()) {
                throw new IOException("interrupted while waiting for VM " + entry.uuid());
            }
        }
        throw new IOException(
                "VM " + entry.uuid() + " (pid " + entry.pid() + ") was told to move from " + fromHost + " to " + toHost
                        + ", and nothing certain was heard of it for " + allowed.toSeconds()
                        + " s. If it is on neither host its connections go on over TCP; its log says why"
                        + (silence == null ? "" : ". Last error: " + silence.getMessage()),
                silence);
    }

    /** The end of the move, if the VM is on this host and says that it has ended. */
    private static Optional<Result> look(ControlClient client, VmEntry wanted, String id) throws IOException {
        Optional<VmEntry> here = client.vms().stream()
                .filter(vm -> vm.uuid().equals(wanted.uuid()))
                .findFirst();
        if (here.isEmpty()) {
            return Optional.empty();
        }
        String answer = client.call(here.get().id().domId(), "migration-report", "id=" + id, REPORT_LIMIT);
        JsonObject report = JsonObject.parse(answer);
        Outcome outcome = Outcome.valueOf(report.text("outcome"));
        return outcome == Outcome.RUNNING ? Optional.empty() : Optional.of(new Result(here.get(), outcome, report));
    }
}
