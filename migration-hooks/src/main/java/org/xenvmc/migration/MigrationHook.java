package org.xenvmc.migration;

import org.xenvmc.transport.SwitchReport;

/**
 * What whoever moves a VM (a hypervisor's agent, a command) calls. No call throws: each is answered, and a refusal says
 * why and what is allowed. Each returns within the limit of the notice, and a little. Thread-safe.
 */
public interface MigrationHook {
    /**
     * An answer.
     *
     * @param accepted whether the call was carried out. If not, the caller must not go on with the next step
     * @param phase the phase afterwards; null when a VM elsewhere did not say
     * @param report what happened to the connections when they left shared memory; null where none had to
     * @param detail why not, for people; empty when accepted
     */
    record Answer(boolean accepted, MigrationPhase phase, SwitchReport report, String detail) {}

    /** A migration begins (phase two): the pre-copy rounds may start. */
    Answer prepare(MigrationNotice notice);

    /**
     * The VM is about to be stopped (phase three). Once accepted, no shared memory is mapped and the VM may be stopped.
     */
    Answer finish(String migrationId);

    /** The migration is given up: the VM goes on where it was. */
    Answer aborted(String migrationId);

    /**
     * The VM runs on its new host.
     *
     * @param newHost what the VM is to call it, or null for the name of the old one: the same directory, or device, which
     *     stands for another host now
     */
    Answer resumed(String migrationId, String newHost);
}
