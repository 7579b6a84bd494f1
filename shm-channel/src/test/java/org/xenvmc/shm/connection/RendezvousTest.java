package org.xenvmc.shm.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xenvmc.transport.ReasonCode;

/** How two ends come to rings, and what happens when they do not. */
class RendezvousTest {
    private ManagerFixture f;

    @BeforeEach
    void begin() throws Exception {
        f = new ManagerFixture();
        f.settle();
        f.peer.forget();
    }

    @AfterEach
    void end() throws Exception {
        f.close();
        assertThat(f.host.ringsInUse).as("rings in use at the end").hasValue(0);
    }

    // ---- this end connected

    @Test
    void shouldAttachAndActivateWhenThePeerAccepts() throws Exception {
        FakeStream s = f.connector(40_000);
        Message.RingRef ring = f.lend(f.peer);
        f.receive(Message.ACCEPT, f.accept(f.peer, f.considered(s), ring));
        assertThat(s.receivers).hasSize(1);
        assertThat(s.senders).hasSize(1);
        Message.Reader activate = f.peer.expect(Message.ACTIVATE);
        assertThat(activate.ref()).isEqualTo(new Message.Ref(5, 1));
        activate.number();
        assertThat(f.host.granted).containsKey(activate.ring().grant());
        assertThat(s.handle.peer()).isEqualTo(f.peer.id());
    }

    @Test
    void shouldStayOnTcpWithThePeersReasonWhenItRefuses() throws Exception {
        FakeStream s = f.connector(40_000);
        ManagerFixture.Offer o = f.considered(s);
        f.receive(
                Message.REFUSE,
                ManagerFixture.from(f.peer)
                        .ref(o.connection())
                        .number(o.number())
                        .small(ReasonCode.PEER_DENIED.code()));
        assertThat(s.reason).isEqualTo(ReasonCode.PEER_DENIED);
        assertThat(s.senders).isEmpty();
    }

    @Test
    void shouldStayOnTcpWhenThePeerIsSilent() throws Exception {
        FakeStream s = f.connector(40_000);
        f.considered(s);
        await().atMost(Duration.ofSeconds(20)).until(() -> s.reason == ReasonCode.PEER_SILENT);
    }

    @Test
    void shouldNotAskWhereNobodyListens() throws Exception {
        FakeStream s =
                new FakeStream(FakeStream.address(1, 40_000), FakeStream.address(2, 9), true).register(f.manager);
        s.handle.consider();
        f.settle();
        assertThat(s.reason).isEqualTo(ReasonCode.NOT_CO_RESIDENT);
        assertThat(f.peer.forget()).isZero();
    }

    @Test
    void shouldReleaseThePeersRingWhenTheStreamWantsNone() throws Exception {
        FakeStream s = f.connector(40_000);
        ManagerFixture.Offer o = f.considered(s);
        s.wantsSender = false;
        Message.RingRef ring = f.lend(f.peer);
        f.receive(Message.ACCEPT, f.accept(f.peer, o, ring));
        f.peer.expect(Message.LEAVE);
        assertThat(f.released(f.peer, ring))
                .as("the ring that the peer has set aside")
                .isTrue();
    }

    @Test
    void shouldReleaseThePeersRingWhenTheOfferIsOver() throws Exception {
        FakeStream s = f.connector(40_000);
        ManagerFixture.Offer o = f.considered(s);
        s.handle.closed();
        f.settle();
        Message.RingRef ring = f.lend(f.peer);
        f.receive(Message.ACCEPT, f.accept(f.peer, o, ring));
        assertThat(s.receivers).isEmpty();
        assertThat(f.released(f.peer, ring)).isTrue();
    }

    // ---- the peer connected

    @Test
    void shouldAcceptAnOfferAndAttachWhatIsActivated() throws Exception {
        FakeStream s = f.acceptor(40_000);
        f.receive(Message.OFFER, f.offerFor(f.peer, 3, 77, s));
        Message.Reader accept = f.peer.expect(Message.ACCEPT);
        Message.Ref own = accept.ref();
        assertThat(accept.ref()).isEqualTo(new Message.Ref(3, 1));
        assertThat(accept.number()).isEqualTo(77);
        assertThat(s.senders).hasSize(1);
        assertThat(s.receivers).isEmpty();
        f.receive(
                Message.ACTIVATE,
                ManagerFixture.from(f.peer).ref(own).number(77).ring(f.lend(f.peer)));
        assertThat(s.receivers).hasSize(1);
    }

    @Test
    void shouldKeepAnOfferUntilTheConnectionIsAccepted() throws Exception {
        FakeStream later =
                new FakeStream(FakeStream.address(1, ManagerFixture.PORT), FakeStream.address(2, 41_000), false);
        f.receive(Message.OFFER, f.offerFor(f.peer, 3, 78, later));
        assertThat(f.peer.forget()).isZero();
        later.register(f.manager);
        assertThat(f.peer.expect(Message.ACCEPT)).isNotNull();
    }

    @Test
    void shouldRefuseAnOfferForAConnectionThatNeverComes() throws Exception {
        FakeStream never =
                new FakeStream(FakeStream.address(1, ManagerFixture.PORT), FakeStream.address(2, 42_000), false);
        f.receive(Message.OFFER, f.offerFor(f.peer, 3, 79, never));
        Message.Reader r = f.peer.expect(Message.REFUSE);
        r.ref();
        assertThat(r.number()).isEqualTo(79);
        assertThat(r.reason()).isEqualTo(ReasonCode.NO_MIRRORED_CONNECTION);
    }

    @Test
    void shouldRefuseWhenThereIsNoMemory() throws Exception {
        f.host.budgetBytes = 100;
        FakeStream s = f.acceptor(40_000);
        f.receive(Message.OFFER, f.offerFor(f.peer, 3, 80, s));
        Message.Reader r = f.peer.expect(Message.REFUSE);
        r.ref();
        r.number();
        assertThat(r.reason()).isEqualTo(ReasonCode.PEER_WITHOUT_MEMORY);
        assertThat(s.reason).isEqualTo(ReasonCode.BUDGET_EXHAUSTED);
    }

    @Test
    void shouldBeginAnewWhenThePeerOffersAgain() throws Exception {
        FakeStream s = f.acceptor(40_000);
        f.receive(Message.OFFER, f.offerFor(f.peer, 3, 81, s));
        f.peer.expect(Message.ACCEPT);
        f.receive(Message.OFFER, f.offerFor(f.peer, 4, 82, s));
        Message.Reader accept = f.peer.expect(Message.ACCEPT);
        Message.Ref own = accept.ref();
        assertThat(accept.ref()).isEqualTo(new Message.Ref(4, 1));
        f.receive(
                Message.ACTIVATE,
                ManagerFixture.from(f.peer).ref(own).number(81).ring(f.lend(f.peer)));
        assertThat(s.receivers).as("of the first offer").isEmpty();
        f.receive(
                Message.ACTIVATE,
                ManagerFixture.from(f.peer).ref(own).number(82).ring(f.lend(f.peer)));
        assertThat(s.receivers).hasSize(1);
    }

    // ---- what was in the way has passed

    private void refuse(FakeStream s, long number, ReasonCode why) throws Exception {
        f.receive(Message.OFFER, f.offerFor(f.peer, 3, number, s));
        Message.Reader r = f.peer.expect(Message.REFUSE);
        r.ref();
        r.number();
        assertThat(r.reason()).isEqualTo(why);
    }

    @Test
    void shouldAskForAnotherOfferWhenThereIsMemoryAgain() throws Exception {
        FakeStream other = f.connector(40_001);
        f.considered(other);
        f.host.budgetBytes = 100;
        FakeStream s = f.acceptor(40_000);
        FakeStream ended = f.acceptor(40_002);
        refuse(s, 80, ReasonCode.PEER_WITHOUT_MEMORY);
        refuse(ended, 81, ReasonCode.PEER_WITHOUT_MEMORY);
        ended.handle.closed();
        f.host.budgetBytes = 64 << 20;
        other.handle.closed();
        assertThat(f.peer.expect(Message.AGAIN).ref()).isEqualTo(new Message.Ref(3, 1));
        f.receive(Message.OFFER, f.offerFor(f.peer, 3, 82, s));
        f.peer.expect(Message.ACCEPT);
    }

    @Test
    void shouldAskForAnotherOfferWhenANumberIsFreeAgain() throws Exception {
        List<FakeStream> all = new ArrayList<>();
        for (int i = 0; i < 16; i++) { // as many as the fixture's table has
            all.add(f.acceptor(41_000 + i));
            f.receive(Message.OFFER, f.offerFor(f.peer, 10 + i, 200 + i, all.get(i)));
            f.peer.expect(Message.ACCEPT);
        }
        FakeStream s = f.acceptor(40_000);
        refuse(s, 80, ReasonCode.TABLE_FULL.atTheOtherEnd());
        all.get(7).leaveSender(ReasonCode.CLOSED, 0); // as a stream that closes
        all.get(7).handle.closed();
        assertThat(f.peer.expect(Message.AGAIN).ref()).isEqualTo(new Message.Ref(3, 1));
    }

    @Test
    void shouldOfferAgainWhenThePeerAsksForItHoweverOftenItHasRefused() throws Exception {
        FakeStream s = f.connector(40_000);
        ManagerFixture.Offer o = f.considered(s);
        for (int i = 0; i < 12; i++) { // more often than it tries by itself
            f.receive(
                    Message.REFUSE,
                    ManagerFixture.from(f.peer)
                            .ref(o.connection())
                            .number(o.number())
                            .small(ReasonCode.PEER_WITHOUT_MEMORY.code()));
            f.receive(Message.AGAIN, ManagerFixture.from(f.peer).ref(o.connection()));
            Message.Reader r = f.peer.expect(Message.OFFER);
            o = new ManagerFixture.Offer(r.ref(), r.number());
        }
        f.receive(Message.ACCEPT, f.accept(f.peer, o, f.lend(f.peer)));
        f.peer.expect(Message.ACTIVATE);
    }

    @Test
    void shouldNotOfferTwiceWhenItIsAskedAgainWhileAnOfferIsOpen() throws Exception {
        FakeStream s = f.connector(40_000);
        ManagerFixture.Offer o = f.considered(s);
        f.receive(Message.AGAIN, ManagerFixture.from(f.peer).ref(o.connection()));
        f.receive(Message.AGAIN, ManagerFixture.from(f.peer).ref(new Message.Ref(7, 9)));
        assertThat(f.peer.forget()).as("messages sent").isZero();
    }

    // ---- ending

    @Test
    void shouldEndItsRingWhenThePeerLeaves() throws Exception {
        FakeStream s = f.connector(40_000);
        ManagerFixture.Offer o = f.considered(s);
        f.receive(Message.ACCEPT, f.accept(f.peer, o, f.lend(f.peer)));
        int before = s.leaves;
        f.receive(Message.LEAVE, ManagerFixture.from(f.peer).ref(o.connection()).small(ReasonCode.MIGRATING.code()));
        assertThat(s.leaves).isEqualTo(before + 1);
        assertThat(s.usesSharedMemory()).isFalse();
    }

    @Test
    void shouldTellTheStreamWhenThePeerIsGone() throws Exception {
        FakeStream s = f.connector(40_000);
        f.receive(Message.ACCEPT, f.accept(f.peer, f.considered(s), f.lend(f.peer)));
        f.peer.alive = false;
        f.host.listener.left(f.peer, true);
        f.settle();
        assertThat(s.gone).isTrue();
        assertThat(s.reasons).contains(ReasonCode.PEER_GONE); // and then what the next look for a peer finds
        s.leaveSender(ReasonCode.PEER_GONE, 0);
        s.leaveReceiver(ReasonCode.PEER_GONE, 0);
        assertThat(f.host.mapped).allMatch(FakeMapping::unmapped);
    }

    /** The peer leaves, comes back, and agrees on new rings, while this end still waits for the old ones. */
    @Test
    void shouldNotLetAnOldDepartureEndNewRings() throws Exception {
        FakeStream s = f.connector(40_000);
        ManagerFixture.Offer o = f.considered(s);
        f.receive(Message.ACCEPT, f.accept(f.peer, o, f.lend(f.peer)));
        s.busy = true;
        f.receive(Message.LEAVE, ManagerFixture.from(f.peer).ref(o.connection()).small(ReasonCode.MIGRATING.code()));
        comeBack(s);
        await().during(Duration.ofMillis(400)).until(s.failures::isEmpty);
        s.busy = false;
    }

    /** This VM leaves and joins, and offers anew, while it still waits for the rings that the peer began to leave. */
    @Test
    void shouldNotLetAnOldDepartureEndANewOffer() throws Exception {
        FakeStream s = f.connector(40_000);
        ManagerFixture.Offer o = f.considered(s);
        f.receive(Message.ACCEPT, f.accept(f.peer, o, f.lend(f.peer)));
        s.busy = true;
        f.receive(Message.LEAVE, ManagerFixture.from(f.peer).ref(o.connection()).small(ReasonCode.MIGRATING.code()));
        s.onLeave = () -> s.busy = false;
        f.manager.leaveHost(Duration.ofSeconds(2));
        s.busy = true;
        f.peer.forget();
        f.manager.joinHost("fake");
        Message.Reader r = f.peer.expect(Message.OFFER);
        ManagerFixture.Offer again = new ManagerFixture.Offer(r.ref(), r.number());
        await().during(Duration.ofMillis(400)).until(s.failures::isEmpty);
        f.receive(Message.ACCEPT, f.accept(f.peer, again, f.lend(f.peer)));
        assertThat(s.receivers).hasSize(1);
        s.busy = false;
    }

    @Test
    void shouldNotTakeNewRingsForOnesThatWereLeftBehind() throws Exception {
        FakeStream s = f.connector(40_000);
        f.receive(Message.ACCEPT, f.accept(f.peer, f.considered(s), f.lend(f.peer)));
        s.unfinishedWhenGone = true;
        comeBack(s);
        await().during(Duration.ofMillis(1_500)).until(s.failures::isEmpty);
    }

    @Test
    void shouldFailWhenThePeerLeftItsRingsBehind() throws Exception {
        FakeStream s = f.connector(40_000);
        f.receive(Message.ACCEPT, f.accept(f.peer, f.considered(s), f.lend(f.peer)));
        s.unfinishedWhenGone = true;
        f.host.listener.left(f.peer, false);
        await().atMost(Duration.ofSeconds(20)).until(() -> !s.failures.isEmpty());
        assertThat(s.failures.get(0)).startsWith("PEER_GONE");
    }

    @Test
    void shouldFailWhenAPeerThatLeavesDoesNotEndItsRing() throws Exception {
        FakeStream s = f.connector(40_000);
        ManagerFixture.Offer o = f.considered(s);
        f.receive(Message.ACCEPT, f.accept(f.peer, o, f.lend(f.peer)));
        s.busy = true;
        f.receive(Message.LEAVE, ManagerFixture.from(f.peer).ref(o.connection()).small(ReasonCode.MIGRATING.code()));
        await().atMost(Duration.ofSeconds(20)).until(() -> !s.failures.isEmpty());
        s.busy = false;
    }

    private void comeBack(FakeStream s) throws Exception {
        f.peer.forget();
        f.host.listener.left(f.peer, false);
        f.host.listener.joined(f.peer);
        Message.Reader r = f.peer.expect(Message.OFFER);
        ManagerFixture.Offer again = new ManagerFixture.Offer(r.ref(), r.number());
        int before = s.receivers.size();
        f.receive(Message.ACCEPT, f.accept(f.peer, again, f.lend(f.peer)));
        assertThat(s.receivers).hasSize(before + 1);
    }

    /** Short connections: closed by the application while the manager is about to offer. */
    @Test
    void shouldLeaveNoSlotBehindWhenClosedMeanwhile() throws Exception {
        for (int i = 0; i < 40; i++) {
            FakeStream s = f.connector(40_000 + i);
            s.onUpgradable = () -> {
                s.onUpgradable = () -> {};
                s.handle.closed();
            };
            s.handle.consider();
            f.settle();
            f.settle();
        }
        f.peer.forget();
        FakeStream s = f.connector(50_000);
        s.handle.consider();
        f.settle();
        assertThat(s.reason).isEqualTo(ReasonCode.NEGOTIATING);
    }

    @Test
    void shouldLeaveNoSlotBehindWhenAnAcceptedConnectionIsClosedMeanwhile() throws Exception {
        for (int i = 0; i < 40; i++) {
            FakeStream s = f.acceptor(40_000 + i);
            s.onUpgradable = () -> {
                s.onUpgradable = () -> {};
                s.wantsSender = false;
                s.handle.closed();
            };
            f.receive(Message.OFFER, f.offerFor(f.peer, 3, 100 + i, s));
            f.settle();
        }
        f.peer.forget();
        FakeStream s = f.acceptor(50_000);
        f.receive(Message.OFFER, f.offerFor(f.peer, 3, 99, s));
        f.peer.expect(Message.ACCEPT);
    }
}
