package org.xenvmc.shm.ivshmem;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Collection;
import org.xenvmc.shm.file.EntryMembership;
import org.xenvmc.shm.file.ExitHook;
import org.xenvmc.shm.file.VmIdentity;
import org.xenvmc.shm.provider.GrantTable;
import org.xenvmc.shm.provider.HostListener;
import org.xenvmc.transport.spi.SignalPoller;

/** A guest's membership of a host that is an ivshmem region. One daemon thread. */
final class IvshmemHostMembership extends EntryMembership {
    private static final Logger LOG = System.getLogger(IvshmemHostMembership.class.getName());

    private final Region region;
    private final Place own;
    private final long owner;
    private final HostListener listener;
    private final IvshmemMembers members;
    private final IvshmemGrantTable grants;
    private final Ticker ticker;
    private final Pollers pollers;
    private final Thread thread;

    IvshmemHostMembership(
            String host,
            Place own,
            long owner,
            VmIdentity identity,
            long budgetBytes,
            long leaseNs,
            LeaseWatch leases,
            HostListener listener) {
        this(host, new IvshmemMember(own, owner, identity, new Haste()), budgetBytes, leaseNs, leases, listener);
    }

    private IvshmemHostMembership(
            String host, IvshmemMember self, long budgetBytes, long leaseNs, LeaseWatch leases, HostListener listener) {
        super(host, self.place().region.epoch(), self, self.place().ports);
        this.own = self.place();
        this.region = own.region;
        this.owner = self.owner();
        this.listener = listener;
        Haste haste = self.haste();
        this.members = new IvshmemMembers(region, own.number, listener, leases, haste);
        this.grants = new IvshmemGrantTable(own, self.id().domId(), this::find, budgetBytes, 2 * leaseNs);
        this.ticker = new Ticker(own, owner, leaseNs, members, listener, haste);
        this.pollers = new Pollers(own, ticker, this::hasRings);
        this.thread = new Thread(ticker, "xenvmc-ivshmem-" + self.id().domId());
        thread.setDaemon(true);
    }

    /** Tells the listener who is there, then begins to look. */
    void start() {
        members.compare(System.nanoTime());
        thread.start();
        ExitHook.add(this);
    }

    private IvshmemMember find(int domId) {
        return domId == self().domId() ? (IvshmemMember) selfMember() : members.get(domId);
    }

    @Override
    protected Collection<IvshmemMember> others() {
        return members.all();
    }

    @Override
    protected IvshmemMember other(int domId) {
        return members.get(domId);
    }

    @Override
    public GrantTable grants() {
        return grants;
    }

    @Override
    public boolean peersHaveProcessors() {
        return true;
    }

    @Override
    public boolean withdrawable() {
        return true;
    }

    @Override
    public SignalPoller signalPoller() {
        return pollers;
    }

    /**
     * The place is of no use to anybody when this process is gone, and others may need it: if everything can be taken
     * off the memory it is given back now. Else the others see this VM's lease run out.
     */
    @Override
    protected void exiting() {
        if (!hasLeft() && listener.ending()) {
            leave();
        }
    }

    @Override
    protected void end() {
        ticker.stop();
        if (!awaitEnd(thread)) {
            LOG.log(Level.WARNING, "a listener holds up the thread of {0}", host());
        }
        if (region.present()) {
            own.sayGoodBye();
            own.release(owner);
        }
        members.endAll();
        region.detach();
    }

    /** How often the thread looked, for tests of idleness. */
    long looks() {
        return ticker.looks();
    }

    Place place() {
        return own;
    }
}
