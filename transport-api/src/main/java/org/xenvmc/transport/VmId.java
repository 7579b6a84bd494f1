package org.xenvmc.transport;

import java.util.Objects;

/**
 * Identifies one VM of a host (paper: the pair (ip, domID)).
 *
 * @param address the VM's primary address as text, without a scope
 * @param domId the VM's number on its host; it changes when the VM moves
 */
public record VmId(String address, int domId) {
    /** Checks that the address is present. */
    public VmId {
        Objects.requireNonNull(address, "address");
    }

    @Override
    public String toString() {
        return address + "/" + domId;
    }
}
