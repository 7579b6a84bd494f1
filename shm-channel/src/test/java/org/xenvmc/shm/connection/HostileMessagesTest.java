package org.xenvmc.shm.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.xenvmc.transport.ReasonCode;

/** Control messages that no honest VM sends: whatever they say, other connections and the manager go on. */
@Timeout(100)
class HostileMessagesTest {
    private static final int MESSAGES = 8_000;

    private ManagerFixture f;

    /** The manager says of each unreadable message that it is dropped. */
    private final Logger log = Logger.getLogger(ShmConnectionManager.class.getName());

    @BeforeEach
    void begin() throws Exception {
        log.setLevel(Level.OFF);
        f = new ManagerFixture();
        f.settle();
        f.peer.forget();
    }

    @AfterEach
    void end() throws Exception {
        f.close();
        log.setLevel(null);
    }

    private static long seed() {
        long seed = Long.getLong("xenvmc.test.seed", System.nanoTime());
        System.getLogger("HostileMessagesTest").log(System.Logger.Level.INFO, "seed: -Dxenvmc.test.seed=" + seed);
        return seed;
    }

    private FakeStream onRings(int port) throws Exception {
        f.peer.skipOthers = true; // some of the nonsense is refused
        FakeStream s = f.connector(port);
        f.receive(Message.ACCEPT, f.accept(f.peer, f.considered(s), f.lend(f.peer)));
        assertThat(s.receivers).hasSize(1);
        f.peer.expect(Message.ACTIVATE);
        return s;
    }

    private Message.Ref refOf(FakeStream s) {
        return ((Connection) s.handle).ref();
    }

    @Test
    void shouldGoOnAfterGarbage() throws Exception {
        FakeStream before = onRings(40_000);
        Random random = new Random(seed());
        for (int i = 0; i < MESSAGES; i++) {
            byte[] bytes = new byte[random.nextInt(80)];
            random.nextBytes(bytes);
            ByteBuffer message = ByteBuffer.wrap(bytes);
            if (bytes.length >= 4 && random.nextBoolean()) {
                message.order(java.nio.ByteOrder.LITTLE_ENDIAN).putInt(0, random.nextInt(5));
            }
            int type = random.nextInt(12);
            f.host.listener.message(type == Message.COMMAND ? Message.OFFER : type, message);
        }
        f.settle();
        assertThat(before.failures).isEmpty();
        f.peer.forget();
        onRings(40_001);
    }

    @Test
    void shouldGoOnAfterMessagesThatParse() throws Exception {
        Random random = new Random(seed());
        List<FakeStream> streams = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            streams.add(i % 2 == 0 ? f.connector(41_000 + i) : f.acceptor(41_000 + i));
        }
        for (int i = 0; i < MESSAGES / 4; i++) {
            if (random.nextInt(50) == 0) {
                streams.get(random.nextInt(6)).handle.consider();
            }
            f.host.listener.message(
                    1 + random.nextInt(7), plausible(random, streams).done());
        }
        f.settle();
        for (FakeStream s : streams) {
            assertThat(s.receivers.size()).isLessThanOrEqualTo(MESSAGES);
            s.handle.closed();
            s.leaveSender(ReasonCode.CLOSED, 0);
            s.leaveReceiver(ReasonCode.CLOSED, 0);
        }
        f.settle();
        f.peer.forget();
        onRings(42_000);
    }

    private Message.Writer plausible(Random random, List<FakeStream> streams) {
        FakeStream s = streams.get(random.nextInt(streams.size()));
        Message.Writer w = new Message.Writer(random.nextInt(5));
        for (int part = 0; part < 5; part++) {
            switch (random.nextInt(5)) {
                case 0 -> w.ref(new Message.Ref(random.nextInt(20) - 2, random.nextInt(4)));
                case 1 -> w.number(random.nextInt(10));
                case 2 ->
                    w.ring(new Message.RingRef(
                            random.nextInt(4), 1 << random.nextInt(31), random.nextInt(), 1 << random.nextInt(32)));
                case 3 -> w.address(s.remoteAddress()).address(s.localAddress());
                default -> w.small(random.nextInt());
            }
        }
        return w;
    }

    // ---- single lies

    @Test
    void shouldNotAttachForAStaleGeneration() throws Exception {
        FakeStream s = f.connector(40_000);
        ManagerFixture.Offer o = f.considered(s);
        Message.RingRef ring = f.lend(f.peer);
        Message.Ref stale =
                new Message.Ref(o.connection().slot(), o.connection().generation() - 1);
        f.receive(Message.ACCEPT, f.accept(f.peer, new ManagerFixture.Offer(stale, o.number()), ring));
        assertThat(s.receivers).isEmpty();
        assertThat(f.released(f.peer, ring)).as("declined").isTrue();
    }

    @Test
    void shouldNotAttachTwiceForOneOffer() throws Exception {
        FakeStream s = f.connector(40_000);
        ManagerFixture.Offer o = f.considered(s);
        f.receive(Message.ACCEPT, f.accept(f.peer, o, f.lend(f.peer)));
        Message.RingRef second = f.lend(f.peer);
        f.receive(Message.ACCEPT, f.accept(f.peer, o, second));
        assertThat(s.receivers).hasSize(1);
        assertThat(f.released(f.peer, second)).isTrue();
    }

    @Test
    void shouldNotAttachTheRingOfAVmThatWasNotAsked() throws Exception {
        FakeStream s = f.connector(40_000);
        ManagerFixture.Offer o = f.considered(s);
        f.receive(Message.ACCEPT, f.accept(f.stranger, o, f.lend(f.stranger)));
        assertThat(s.receivers).isEmpty();
    }

    @Test
    void shouldNotAttachTheRingOfAnotherVmThanTheOneThatOffered() throws Exception {
        FakeStream s = f.acceptor(40_000);
        f.receive(Message.OFFER, f.offerFor(f.peer, 3, 7, s));
        Message.Ref own = f.peer.expect(Message.ACCEPT).ref();
        f.receive(
                Message.ACTIVATE,
                ManagerFixture.from(f.stranger).ref(own).number(7).ring(f.lend(f.stranger)));
        assertThat(s.receivers).isEmpty();
        f.receive(
                Message.ACTIVATE, ManagerFixture.from(f.peer).ref(own).number(7).ring(f.lend(f.peer)));
        assertThat(s.receivers).hasSize(1);
    }

    @Test
    void shouldNotLetAStrangerRefuse() throws Exception {
        FakeStream s = f.connector(40_000);
        ManagerFixture.Offer o = f.considered(s);
        f.receive(
                Message.REFUSE,
                ManagerFixture.from(f.stranger)
                        .ref(o.connection())
                        .number(o.number())
                        .small(14));
        f.receive(Message.ACCEPT, f.accept(f.peer, o, f.lend(f.peer)));
        assertThat(s.receivers).hasSize(1);
    }

    @Test
    void shouldNotLetAStrangerEndARing() throws Exception {
        FakeStream s = onRings(40_000);
        int before = s.leaves;
        f.receive(Message.LEAVE, ManagerFixture.from(f.stranger).ref(refOf(s)).small(41));
        assertThat(s.leaves).isEqualTo(before);
    }

    @Test
    void shouldNotUnmapWhatIsInUse() throws Exception {
        FakeStream s = f.connector(40_000);
        Message.RingRef ring = f.lend(f.peer);
        f.receive(Message.ACCEPT, f.accept(f.peer, f.considered(s), ring));
        f.receive(Message.REVOKED, ManagerFixture.from(f.peer).small(ring.grant()));
        f.receive(Message.REVOKED, ManagerFixture.from(f.peer).small(ring.grant() + 1));
        assertThat(f.host.mapped).hasSize(1).noneMatch(FakeMapping::unmapped);
        s.leaveReceiver(ReasonCode.PEER_LEFT, 0);
        assertThat(f.host.mapped).allMatch(FakeMapping::unmapped);
    }

    @Test
    void shouldOfferAgainWhenTheAcceptNamesAGrantThatCannotBeMapped() throws Exception {
        FakeStream s = f.connector(40_000);
        ManagerFixture.Offer o = f.considered(s);
        Message.RingRef none = new Message.RingRef(99, 1 << 20, 0, ManagerFixture.CAPACITY);
        f.receive(Message.ACCEPT, f.accept(f.peer, o, none));
        f.settle();
        assertThat(s.receivers).isEmpty();
        assertThat(s.senders).as("given back").isEmpty();
        assertThat(s.reason).isEqualTo(ReasonCode.GRANT_FAILED);
        assertThat(s.failures).isEmpty();
    }
}
