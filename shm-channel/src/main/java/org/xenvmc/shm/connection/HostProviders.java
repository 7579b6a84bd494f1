package org.xenvmc.shm.connection;

import org.xenvmc.shm.file.FileHostProvider;
import org.xenvmc.shm.ivshmem.IvshmemHostProvider;
import org.xenvmc.shm.provider.HostListener;
import org.xenvmc.shm.provider.HostMembership;
import org.xenvmc.shm.provider.HostProvider;
import org.xenvmc.shm.provider.ProviderException;
import org.xenvmc.transport.VmcContext;

/** Chooses the memory provider by the name of the host: {@code ivshmem}, {@code ivshmem:PATH}, or a directory. */
final class HostProviders implements HostProvider {
    private final HostProvider file = new FileHostProvider();
    private final HostProvider ivshmem = new IvshmemHostProvider();

    @Override
    public HostMembership join(VmcContext context, Joining joining, HostListener listener) throws ProviderException {
        HostProvider chosen = IvshmemHostProvider.isHost(joining.host()) ? ivshmem : file;
        return chosen.join(context, joining, listener);
    }
}
