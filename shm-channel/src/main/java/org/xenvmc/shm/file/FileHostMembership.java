package org.xenvmc.shm.file;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.xenvmc.shm.provider.GrantTable;
import org.xenvmc.shm.provider.HostListener;
import org.xenvmc.shm.provider.HostMembership;
import org.xenvmc.shm.provider.Member;
import org.xenvmc.shm.syscall.DirectoryWatch;
import org.xenvmc.shm.syscall.Membarrier;
import org.xenvmc.transport.VmId;
import org.xenvmc.transport.spi.AsymmetricFence;
import org.xenvmc.transport.spi.SignalPoller;

/**
 * A process's membership of a host that is a directory. Two daemon threads, both asleep while nothing happens: one waits
 * for changes of the directory, one for the own bell.
 */
public final class FileHostMembership implements HostMembership {
    private static final Logger LOG = System.getLogger(FileHostMembership.class.getName());
    private static final long THREAD_END_MS = TimeUnit.SECONDS.toMillis(5);

    private final HostDirectory directory;
    private final long epoch;
    private final OwnEntry own;
    private final FileMember self;
    private final Members members;
    private final FileGrantTable grants;
    private final Reaper reaper;
    private final DirectoryWatch watch;
    private final MemberWatch memberWatch;
    private final BellKeeper bellKeeper;
    private final Thread watchThread;
    private final Thread bellThread;
    private final AtomicInteger ringConnections = new AtomicInteger();
    private final AtomicIntegerArray listeners = new AtomicIntegerArray(VmEntryDescriptor.PORTS);
    private final AtomicBoolean left = new AtomicBoolean();

    FileHostMembership(
            HostDirectory directory,
            long epoch,
            OwnEntry own,
            VmIdentity identity,
            DirectoryWatch watch,
            long budgetBytes,
            HostListener listener) {
        this.directory = directory;
        this.epoch = epoch;
        this.own = own;
        this.watch = watch;
        this.self = new FileMember(own.domId(), identity, own.entry());
        this.members = new Members(directory, self, epoch, listener);
        this.grants = new FileGrantTable(directory, members, own.domId(), budgetBytes);
        this.reaper = new Reaper(directory);
        this.memberWatch = new MemberWatch(watch, members, reaper, own.domId());
        this.bellKeeper =
                new BellKeeper(own.entry(), listener, () -> ringConnections.get() > 0, BellKeeper.ABANDONED_AFTER_NS);
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
     * The JVM is ending. Connections on shared memory go on for those who still use them; new ones stay on TCP, and all that has
     * a name but the entry is taken away now. See {@link ExitLink} for the entry.
     */
    void exiting() {
        if (!left.get()) {
            own.entry().sayGoodBye();
            grants.endAll();
        }
    }

    /**
     * Adds to the number of connections that are on shared memory at present: while it is not 0, selectors are told that
     * spinning may find something.
     */
    public void ringConnections(int delta) {
        ringConnections.addAndGet(delta);
    }

    @Override
    public String host() {
        return directory.path();
    }

    @Override
    public VmId self() {
        return self.id();
    }

    @Override
    public long epoch() {
        return epoch;
    }

    @Override
    public Member selfMember() {
        return self;
    }

    @Override
    public List<Member> members() {
        List<Member> all = new ArrayList<>();
        for (FileMember member : members.others()) {
            if (!member.tool()) {
                all.add(member);
            }
        }
        if (!self.tool() && self.alive()) {
            all.add(self);
        }
        return all;
    }

    @Override
    public Member member(int domId) {
        FileMember member = members.get(domId);
        return member != null && member.alive() ? member : null;
    }

    @Override
    public GrantTable grants() {
        return grants;
    }

    @Override
    public synchronized void publishPort(int port, boolean listening) {
        if (port <= 0 || port >= VmEntryDescriptor.PORTS) {
            throw new IllegalArgumentException("port " + port);
        }
        // several sockets may listen on one port (addresses, SO_REUSEPORT): the first publishes, the last withdraws
        int now = listening ? listeners.incrementAndGet(port) : listeners.updateAndGet(port, n -> Math.max(0, n - 1));
        own.entry().ports.set(port, now > 0);
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
    public void leave() {
        if (!left.compareAndSet(false, true)) {
            return;
        }
        ExitHook.remove(this);
        self.end();
        grants.withdrawAll();
        watch.stop();
        bellKeeper.stop();
        boolean ended = end(watchThread) & end(bellThread);
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

    /** Waits for a thread to end, unless it is this one, which ends after its listener returns. */
    private static boolean end(Thread thread) {
        if (thread == Thread.currentThread()) {
            return true;
        }
        boolean interrupted = false;
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(THREAD_END_MS);
        while (thread.isAlive() && deadline - System.nanoTime() > 0) {
            try {
                thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime())));
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return !thread.isAlive();
    }

    /** How often the two threads slept and woke, for tests of idleness. */
    long activity() {
        return memberWatch.wakeUps() + bellKeeper.sleeps();
    }
}
