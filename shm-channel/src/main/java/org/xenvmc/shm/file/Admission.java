package org.xenvmc.shm.file;

import java.nio.charset.StandardCharsets;
import org.xenvmc.shm.provider.HostProvider.Joining;
import org.xenvmc.shm.provider.ProviderException;
import org.xenvmc.shm.syscall.NativeAccess;
import org.xenvmc.transport.ReasonCode;
import org.xenvmc.transport.VmcContext;

/** What every provider asks of a VM that joins a host, and what it writes down of it. */
public final class Admission {
    private Admission() {}

    /** Fails when this process can join no host, or not now. */
    public static void check(VmcContext context) throws ProviderException {
        if (!NativeAccess.available()) {
            throw new ProviderException(
                    NativeAccess.reason(),
                    NativeAccess.reason().explanation() + ": " + NativeAccess.cause(),
                    NativeAccess.cause());
        }
        checkLabel(context.network());
        if (ExitHook.isEnding()) {
            throw new ProviderException(ReasonCode.NOT_JOINED, "the JVM is ending: it joins no host any more", null);
        }
    }

    private static void checkLabel(String network) throws ProviderException {
        int bytes = network.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > VmEntryDescriptor.LABEL_MAX_BYTES) {
            throw new ProviderException(
                    ReasonCode.NOT_JOINED,
                    VmcContext.NETWORK_PROPERTY + " has " + bytes + " bytes; at most "
                            + VmEntryDescriptor.LABEL_MAX_BYTES + " are possible",
                    null);
        }
    }

    /** Who this process is on the host with this epoch. */
    public static VmIdentity identity(VmcContext context, Joining joining, long epoch) {
        return new VmIdentity(
                joining.uuid(),
                ProcessHandle.current().pid(),
                NetworkIdentity.namespace(),
                context.network(),
                NetworkIdentity.addresses(),
                joining.tool(),
                epoch);
    }
}
