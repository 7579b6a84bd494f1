package org.xenvmc.shm.provider;

import java.util.UUID;
import org.xenvmc.transport.VmcContext;

/** A way to share memory between the VMs of a host: file (tmpfs), later ivshmem and Xen. */
public interface HostProvider {
    /**
     * What a VM says about itself when it joins.
     *
     * @param uuid its identity
     * @param host name of the host (file provider: directory)
     * @param tool see {@link Member#tool()}
     */
    record Joining(UUID uuid, String host, boolean tool) {}

    /**
     * Joins a host; reclaims what dead members left.
     *
     * @throws ProviderException with the reason why it is impossible
     */
    HostMembership join(VmcContext context, Joining joining, HostListener listener) throws ProviderException;
}
