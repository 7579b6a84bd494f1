package org.xenvmc.transport;

import java.util.List;

/**
 * A VM's view of its host.
 *
 * @param host name of the host (file provider: its directory), or null when not joined
 * @param joined whether the VM is a member
 * @param reason why not, {@link ReasonCode#NONE} when it is
 * @param self this VM, or null when not joined
 * @param epoch number of the host's present life; changes when the memory was made anew
 * @param vms all VMs of the host, this one included
 */
public record HostStatus(String host, boolean joined, ReasonCode reason, VmId self, long epoch, List<VmEntry> vms) {

    /**
     * One VM of the table.
     *
     * @param id its id on this host
     * @param uuid its identity, which it keeps when it moves
     * @param pid its process, as it said itself
     * @param network label of the network that gives its private addresses meaning
     * @param addresses its addresses
     * @param ports the ports on which it listens
     * @param connections number of connections that this VM has with it on shared memory
     */
    public record VmEntry(
            VmId id,
            String uuid,
            long pid,
            String network,
            List<String> addresses,
            List<Integer> ports,
            int connections) {}
}
