package org.xenvmc.shm.connection;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.xenvmc.shm.provider.GrantRef;
import org.xenvmc.shm.provider.GrantTable;
import org.xenvmc.shm.provider.HostListener;
import org.xenvmc.shm.provider.HostMembership;
import org.xenvmc.shm.provider.HostProvider;
import org.xenvmc.shm.provider.Mapping;
import org.xenvmc.shm.provider.Member;
import org.xenvmc.shm.provider.ProviderException;
import org.xenvmc.transport.ReasonCode;
import org.xenvmc.transport.VmId;
import org.xenvmc.transport.VmcContext;
import org.xenvmc.transport.spi.SignalPoller;

/** A host in private memory with one real member; what the others do, the test does. */
final class FakeHost implements HostProvider, HostMembership, GrantTable {
    static final int SELF = 1;

    final FakeMember self = new FakeMember(SELF);
    final List<FakeMember> others = new CopyOnWriteArrayList<>();
    /** Grants of this VM, by number. */
    final Map<Integer, FakeGrant> granted = new ConcurrentHashMap<>();
    /** What others lent to this VM, and its mappings of that. */
    final Map<GrantRef, ByteBuffer> lent = new ConcurrentHashMap<>();

    final List<FakeMapping> mapped = new CopyOnWriteArrayList<>();
    final AtomicInteger ringsInUse = new AtomicInteger();
    private final AtomicInteger numbers = new AtomicInteger();
    volatile long budgetBytes = 64 << 20;
    volatile HostListener listener;
    volatile boolean left;

    record FakeGrant(FakeHost host, Member peer, GrantRef ref, FakeMapping memory) implements Grant {
        @Override
        public Mapping mapping() {
            return memory;
        }

        @Override
        public void revoke() {
            host.budgetBytes += ref.bytes();
            memory.unmap();
        }
    }

    FakeMember add(int domId, int... ports) {
        FakeMember m = new FakeMember(domId, ports);
        others.add(m);
        return m;
    }

    /** Memory of another VM, lent to this one. */
    ByteBuffer lend(GrantRef ref) {
        ByteBuffer memory = ByteBuffer.allocateDirect(ref.bytes());
        lent.put(ref, memory);
        return memory.order(java.nio.ByteOrder.nativeOrder());
    }

    // ---- HostProvider

    @Override
    public HostMembership join(VmcContext context, Joining joining, HostListener l) {
        listener = l;
        left = false;
        return this;
    }

    // ---- HostMembership

    @Override
    public String host() {
        return "fake";
    }

    @Override
    public VmId self() {
        return self.id();
    }

    @Override
    public long epoch() {
        return 1;
    }

    @Override
    public Member selfMember() {
        return self;
    }

    @Override
    public List<Member> members() {
        List<Member> all = new ArrayList<>(others);
        all.add(self);
        return all;
    }

    @Override
    public Member member(int domId) {
        return members().stream()
                .filter(m -> m.id().domId() == domId)
                .findFirst()
                .orElse(null);
    }

    @Override
    public GrantTable grants() {
        return this;
    }

    @Override
    public void publishPort(int port, boolean listening) {}

    @Override
    public SignalPoller signalPoller() {
        return null;
    }

    @Override
    public void ringConnections(int delta) {
        ringsInUse.addAndGet(delta);
    }

    @Override
    public void leave() {
        left = true;
    }

    // ---- GrantTable

    @Override
    public Grant grant(Member peer, int bytes) throws ProviderException {
        if (bytes > budgetBytes) {
            throw new ProviderException(ReasonCode.BUDGET_EXHAUSTED, "no budget for " + bytes, null);
        }
        budgetBytes -= bytes;
        int number = numbers.incrementAndGet();
        GrantRef ref = new GrantRef(SELF, number, bytes);
        FakeGrant g = new FakeGrant(this, peer, ref, new FakeMapping(bytes));
        granted.put(number, g);
        return g;
    }

    @Override
    public Mapping map(GrantRef ref) throws ProviderException {
        ByteBuffer memory = lent.get(ref);
        if (memory == null) {
            throw new ProviderException(ReasonCode.GRANT_FAILED, "there is no " + ref, null);
        }
        FakeMapping m = new FakeMapping(memory);
        mapped.add(m);
        return m;
    }

    @Override
    public long availableBytes() {
        return budgetBytes;
    }
}
