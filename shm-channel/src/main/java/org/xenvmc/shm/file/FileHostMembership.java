package org.xenvmc.shm.file;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Collection;
import org.xenvmc.shm.provider.GrantTable;
import org.xenvmc.shm.provider.HostListener;
import org.xenvmc.shm.syscall.DirectoryWatch;
import org.xenvmc.shm.syscall.Membarrier;
import org.xenvmc.transport.spi.AsymmetricFence;
import org.xenvmc.transport.spi.SignalPoller;

/**
 * A process's membership of a host that is a directory. Two daemon threads, both asleep while nothing happens: one
 * waits for changes of the directory, one for the own bell.
 */
public final class FileHostMembership extends EntryMembership {
    private static final Logger LOG = System.getLogger(FileHostMembership.class.getName());

    private final HostDirectory directory;
    private final OwnEntry own;
    private final Members members;
    private final FileGrantTable grants;
    private final Reaper reaper;
    private final DirectoryWatch watch;
    private final MemberWatch memberWatch;
    private final BellKeeper bellKeeper;
    private final Thread watchThread;
    private final Thread bellThread;

    FileHostMembership(
            HostDirectory directory,
            long epoch,
            OwnEntry own,
            FileMember self,
            DirectoryWatch watch,
            long budgetBytes,
            HostListener listener) {
        super(directory.path(), epoch, self, own.entry().ports);
        this.directory = directory;
        this.own = own;
        this.watch = watch;
        this.members = new Members(directory, self, epoch, listener);
        this.grants = new FileGrantTable(directory, members, own.domId(), budgetBytes);
        this.reaper = new Reaper(directory);
        this.memberWatch = new MemberWatch(watch, members, reaper, own.domId());
        this.bellKeeper = new BellKeeper(own.entry(), listener, this::hasRings, BellKeeper.ABANDONED_AFTER_NS);
        this.watchThread = thread(memberWatch, "xenvmc-members-" + own.domId());
        this.bellThread = thread(bellKeeper, "xenvmc-bell-" + own.domId());
    }

    private static Thread thread(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    /** Tells the listener who is there, then begins to notice changes and to deliver. */
    void start() {
        members.compareAll();
        watchThread.start();
        bellThread.start();
        ExitLink.make(directory, own.domId());
        ExitHook.add(this);
    }

    /**
     * Connections on shared memory go on for those who still use them; new ones stay on TCP, and all that has a name
     * but the entry is taken away now. See {@link ExitLink} for the entry.
     */
    @Override
    protected void exiting() {
        if (!hasLeft()) {
            own.entry().sayGoodBye();
            grants.endAll();
        }
    }

    @Override
    protected Collection<FileMember> others() {
        return members.others();
    }

    @Override
    protected FileMember other(int domId) {
        return members.get(domId);
    }

    @Override
    public GrantTable grants() {
        return grants;
    }

    @Override
    public AsymmetricFence fence() {
        return Membarrier.fence();
    }

    @Override
    public SignalPoller signalPoller() {
        return bellKeeper;
    }

    @Override
    protected void end() {
        grants.withdrawAll();
        watch.stop();
        bellKeeper.stop();
        boolean ended = awaitEnd(watchThread) & awaitEnd(bellThread);
        grants.withdrawAll(); // what was granted meanwhile
        reaper.removeGrantsOf(own.domId());
        try {
            own.remove(directory);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "the entry of this VM may be left in " + directory.path(), e);
        }
        members.detachAll();
        directory.close();
        if (!ended) {
            LOG.log(Level.WARNING, "a listener holds up the threads of {0}", directory.path());
        }
    }

    /** How often the two threads slept and woke, for tests of idleness. */
    long activity() {
        return memberWatch.wakeUps() + bellKeeper.sleeps();
    }
}
