package org.xenvmc.shm.file;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.xenvmc.shm.provider.HostMembership;
import org.xenvmc.shm.provider.Member;
import org.xenvmc.transport.VmId;

/**
 * What the memberships of all hosts have in common whose VMs describe themselves by entries ({@link
 * VmEntryDescriptor}). Thread-safe.
 */
public abstract class EntryMembership implements HostMembership {
    private static final long THREAD_END_NS = TimeUnit.SECONDS.toNanos(5);

    private final String host;
    private final long epoch;
    private final EntryMember self;
    private final PortBitmap ports;
    private final AtomicInteger ringConnections = new AtomicInteger();
    private final AtomicIntegerArray listeners = new AtomicIntegerArray(VmEntryDescriptor.PORTS);
    private final AtomicBoolean left = new AtomicBoolean();

    /**
     * A membership.
     *
     * @param host its name, for people
     * @param epoch of the host
     * @param self this VM
     * @param ports where this VM publishes its ports
     */
    protected EntryMembership(String host, long epoch, EntryMember self, PortBitmap ports) {
        this.host = host;
        this.epoch = epoch;
        this.self = self;
        this.ports = ports;
    }

    /** The members but this one. */
    protected abstract Collection<? extends EntryMember> others();

    /** Another member by its number, or null. */
    protected abstract EntryMember other(int domId);

    /** Ends everything; called once. */
    protected abstract void end();

    /** The JVM is ending, in an orderly way. Called from a shutdown hook, beside the application's. */
    protected abstract void exiting();

    /** Whether {@link #leave()} was called. */
    protected final boolean hasLeft() {
        return left.get();
    }

    /** Whether this VM has connections on rings. */
    protected final boolean hasRings() {
        return ringConnections.get() > 0;
    }

    @Override
    public final String host() {
        return host;
    }

    @Override
    public final long epoch() {
        return epoch;
    }

    @Override
    public final VmId self() {
        return self.id();
    }

    @Override
    public final Member selfMember() {
        return self;
    }

    @Override
    public final List<Member> members() {
        List<Member> all = new ArrayList<>();
        for (EntryMember member : others()) {
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
    public final Member member(int domId) {
        EntryMember member = domId == self.id().domId() ? self : other(domId);
        return member != null && member.alive() ? member : null;
    }

    @Override
    public final synchronized void publishPort(int port, boolean listening) {
        if (port <= 0 || port >= VmEntryDescriptor.PORTS) {
            throw new IllegalArgumentException("port " + port);
        }
        // several sockets may listen on one port (addresses, SO_REUSEPORT): the first publishes, the last withdraws
        int now = listening ? listeners.incrementAndGet(port) : listeners.updateAndGet(port, n -> Math.max(0, n - 1));
        ports.set(port, now > 0);
    }

    @Override
    public final void ringConnections(int delta) {
        ringConnections.addAndGet(delta);
    }

    @Override
    public final void leave() {
        if (left.compareAndSet(false, true)) {
            ExitHook.remove(this);
            self.end();
            end();
        }
    }

    /**
     * Waits for a thread to end, for a while, unless it is this one, which ends after its listener returns.
     *
     * @return whether it ended, or will
     */
    protected static boolean awaitEnd(Thread thread) {
        if (thread == Thread.currentThread()) {
            return true;
        }
        boolean interrupted = false;
        long deadlineNs = System.nanoTime() + THREAD_END_NS;
        while (thread.isAlive() && deadlineNs - System.nanoTime() > 0) {
            try {
                thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadlineNs - System.nanoTime())));
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return !thread.isAlive();
    }
}
