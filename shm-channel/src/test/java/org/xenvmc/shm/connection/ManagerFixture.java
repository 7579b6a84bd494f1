package org.xenvmc.shm.connection;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.xenvmc.shm.provider.GrantRef;
import org.xenvmc.shm.ring.RingLayout;
import org.xenvmc.transport.VmcContext;

/** A connection manager on a fake host with two other VMs, whose part the test plays. */
final class ManagerFixture {
    static final int PORT = 7000;
    static final int CAPACITY = 16 * 1024;

    final FakeHost host = new FakeHost();
    final FakeMember peer = host.add(2, PORT);
    final FakeMember stranger = host.add(3);
    final ShmConnectionManager manager;
    private int grants;

    ManagerFixture() throws Exception {
        VmcContext context = new VmcContext()
                .ringMaxBytes(CAPACITY)
                .maxConnections(16)
                .offerLimitMs(300)
                .switchLimitMs(200)
                .conclude();
        manager = new ShmConnectionManager(context, null, host);
        manager.joinHost("fake");
    }

    /** Waits until the manager's thread has done what it was given so far. */
    void settle() throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        manager.execute(done::countDown);
        if (!done.await(20, TimeUnit.SECONDS)) {
            throw new AssertionError("the manager's thread hangs");
        }
    }

    void receive(int type, Message.Writer message) throws InterruptedException {
        receive(type, message.done());
    }

    void receive(int type, ByteBuffer message) throws InterruptedException {
        host.listener.message(type, message);
        settle();
    }

    static Message.Writer from(FakeMember vm) {
        return new Message.Writer(vm.id().domId());
    }

    /** A ring that this VM of the host lends to ours. */
    Message.RingRef lend(FakeMember vm) {
        int bytes = (RingLayout.ringBytes(CAPACITY) + 4095) & -4096;
        GrantRef ref = new GrantRef(vm.id().domId(), ++grants, bytes);
        RingLayout.initialise(memoryOf(host.lend(ref)), CAPACITY);
        return new Message.RingRef(ref.number(), bytes, 0, CAPACITY);
    }

    static ByteBuffer memoryOf(ByteBuffer memory) {
        return memory.slice(0, RingLayout.ringBytes(CAPACITY)).order(java.nio.ByteOrder.nativeOrder());
    }

    boolean released(FakeMember vm, Message.RingRef ring) {
        return RingLayout.releasedByReceiver(
                memoryOf(host.lent.get(ring.grantRef(vm.id().domId()))));
    }

    /** A stream that this end connected to the peer, and that is worth an upgrade. */
    FakeStream connector(int localPort) {
        FakeStream s = new FakeStream(FakeStream.address(1, localPort), FakeStream.address(2, PORT), true);
        return s.register(manager);
    }

    /** A stream that the peer connected to this end. */
    FakeStream acceptor(int remotePort) {
        FakeStream s = new FakeStream(FakeStream.address(1, PORT), FakeStream.address(2, remotePort), false);
        return s.register(manager);
    }

    /** What the manager has offered for a stream: its connection, and the number of the offer. */
    record Offer(Message.Ref connection, long number) {}

    Offer considered(FakeStream s) throws InterruptedException {
        s.handle.consider();
        Message.Reader r = peer.expect(Message.OFFER);
        return new Offer(r.ref(), r.number());
    }

    Message.Writer accept(FakeMember vm, Offer offer, Message.RingRef ring) {
        return from(vm).ref(new Message.Ref(5, 1))
                .ref(offer.connection())
                .number(offer.number())
                .ring(ring);
    }

    Message.Writer offerFor(FakeMember vm, int slot, long number, FakeStream s) {
        return from(vm).ref(new Message.Ref(slot, 1))
                .number(number)
                .address(s.remoteAddress())
                .address(s.localAddress());
    }

    void close() throws Exception {
        manager.leaveHost(Duration.ofSeconds(2));
        manager.close();
    }
}
