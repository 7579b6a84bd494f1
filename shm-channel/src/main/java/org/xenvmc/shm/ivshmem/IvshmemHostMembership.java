package org.xenvmc.shm.ivshmem;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.xenvmc.shm.file.VmEntryDescriptor;
import org.xenvmc.shm.file.VmIdentity;
import org.xenvmc.shm.provider.GrantTable;
import org.xenvmc.shm.provider.HostListener;
import org.xenvmc.shm.provider.HostMembership;
import org.xenvmc.shm.provider.Member;
import org.xenvmc.transport.VmId;
import org.xenvmc.transport.spi.SignalPoller;

/** A guest's membership of a host that is an ivshmem region. One daemon thread. */
final class IvshmemHostMembership implements HostMembership {
    private static final Logger LOG = System.getLogger(IvshmemHostMembership.class.getName());
    private static final long THREAD_END_MS = TimeUnit.SECONDS.toMillis(5);

    private final String host;
    private final Region region;
    private final Place own;
    private final long owner;
    private final IvshmemMember self;
    private final IvshmemMembers members;
    private final IvshmemGrantTable grants;
    private final Ticker ticker;
    private final Pollers pollers;
    private final Thread thread;
    private final AtomicInteger ringConnections = new AtomicInteger();
    private final AtomicIntegerArray listeners = new AtomicIntegerArray(VmEntryDescriptor.PORTS);
    private final AtomicBoolean left = new AtomicBoolean();

    IvshmemHostMembership(
            String host,
            Place own,
            long owner,
            VmIdentity identity,
            long budgetBytes,
            long leaseNs,
            LeaseWatch leases,
            HostListener listener) {
        this.host = host;
        this.region = own.region;
        this.own = own;
        this.owner = owner;
        this.self = new IvshmemMember(own, owner, identity, this::hurry);
        this.members = new IvshmemMembers(region, own.number, listener, leases, this::hurry);
        this.grants = new IvshmemGrantTable(own, self.id().domId(), this::find, budgetBytes, 2 * leaseNs);
        this.ticker = new Ticker(own, owner, leaseNs, members, listener);
        this.pollers = new Pollers(own, ticker, () -> ringConnections.get() > 0);
        this.thread = new Thread(ticker, "xenvmc-ivshmem-" + self.id().domId());
        thread.setDaemon(true);
    }

    private void hurry() {
        ticker.hurry();
    }

    /** Tells the listener who is there, then begins to look. */
    void start() {
        members.compare(System.nanoTime());
        thread.start();
    }

    private IvshmemMember find(int domId) {
        return domId == self.id().domId() ? self : members.get(domId);
    }

    @Override
    public String host() {
        return host;
    }

    @Override
    public VmId self() {
        return self.id();
    }

    @Override
    public long epoch() {
        return region.epoch();
    }

    @Override
    public Member selfMember() {
        return self;
    }

    @Override
    public List<Member> members() {
        List<Member> all = new ArrayList<>();
        for (IvshmemMember member : members.all()) {
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
        IvshmemMember member = find(domId);
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
        own.ports.set(port, now > 0);
    }

    @Override
    public boolean withdrawable() {
        return true;
    }

    @Override
    public SignalPoller signalPoller() {
        return pollers;
    }

    @Override
    public void ringConnections(int delta) {
        ringConnections.addAndGet(delta);
    }

    @Override
    public void leave() {
        if (!left.compareAndSet(false, true)) {
            return;
        }
        self.end();
        ticker.stop();
        awaitThread();
        if (region.present()) {
            own.sayGoodBye();
            own.release(owner);
        }
        members.endAll();
        region.detach();
    }

    private void awaitThread() {
        if (thread == Thread.currentThread()) {
            return; // it ends after its listener returns
        }
        boolean interrupted = Thread.interrupted();
        try {
            thread.join(THREAD_END_MS);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            LOG.log(Level.WARNING, "a listener holds up the thread of {0}", host);
        }
    }

    /** How often the thread looked, for tests of idleness. */
    long looks() {
        return ticker.looks();
    }

    Place place() {
        return own;
    }
}
