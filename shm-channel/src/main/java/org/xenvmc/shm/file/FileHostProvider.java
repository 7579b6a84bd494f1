package org.xenvmc.shm.file;

import java.io.IOException;
import org.xenvmc.shm.provider.HostListener;
import org.xenvmc.shm.provider.HostMembership;
import org.xenvmc.shm.provider.HostProvider;
import org.xenvmc.shm.provider.ProviderException;
import org.xenvmc.shm.syscall.DirectoryWatch;
import org.xenvmc.shm.syscall.Errno;
import org.xenvmc.shm.syscall.SyscallException;
import org.xenvmc.transport.VmcContext;

/** Shared memory between processes of one user: a host is a directory, its VMs are the processes that joined it. */
public final class FileHostProvider implements HostProvider {
    /** Creates the provider; does nothing. */
    public FileHostProvider() {}

    @Override
    public HostMembership join(VmcContext context, Joining joining, HostListener listener) throws ProviderException {
        Admission.check(context);
        HostDirectory directory = HostDirectory.open(joining.host());
        boolean joined = false;
        try {
            HostMembership membership = join(directory, context, joining, listener);
            joined = true;
            return membership;
        } catch (ProviderException e) {
            throw e;
        } catch (IOException e) {
            throw failed(directory.path(), e);
        } finally {
            if (!joined) {
                directory.close();
            }
        }
    }

    private static HostMembership join(
            HostDirectory directory, VmcContext context, Joining joining, HostListener listener) throws IOException {
        HostFile host = HostFile.readOrCreate(directory);
        new Reaper(directory).sweep();
        long budgetBytes = Math.min(context.budgetBytes(), directory.freeBytes() / 2);
        VmIdentity identity = Admission.identity(context, joining, host.epoch());
        // watched before the entry appears and before the others are looked at: nobody is missed
        DirectoryWatch watch = directory.use(DirectoryWatch::new);
        OwnEntry own;
        try {
            own = OwnEntry.create(directory, identity);
        } catch (IOException | RuntimeException e) {
            watch.close();
            throw e;
        }
        FileHostMembership membership = new FileHostMembership(
                directory,
                host.epoch(),
                own,
                new FileMember(own.domId(), identity, own.entry()),
                watch,
                budgetBytes,
                listener);
        membership.start();
        return membership;
    }

    private static ProviderException failed(String path, IOException e) {
        if (e instanceof SyscallException s) {
            if (s.errno() == Errno.ENOSPC || s.errno() == Errno.EDQUOT || s.errno() == Errno.ENOMEM) {
                return HostDirectory.noSpace(path, e);
            }
            if (s.errno() == Errno.EMFILE) {
                return HostDirectory.unusable(
                        path,
                        "cannot be watched: limit of descriptors (ulimit -n) or of inotify "
                                + "instances (fs.inotify.max_user_instances)",
                        e);
            }
        }
        return HostDirectory.unusable(path, "cannot be joined", e);
    }
}
