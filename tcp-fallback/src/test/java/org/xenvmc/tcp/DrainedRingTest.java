package org.xenvmc.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xenvmc.transport.spi.RingReceiver;

/** The rest of an ended ring, in private memory. */
class DrainedRingTest {
    private final FakeRing ring = new FakeRing(100);

    private void write(int bytes) throws IOException {
        ring.sender.write(ByteBuffer.wrap(StreamEnd.bytes(0, bytes)));
    }

    @Test
    void shouldHoldWhatWasLeft() throws Exception {
        ring.sender.start(1000);
        write(60);
        ring.receiver.read(ByteBuffer.allocate(20));
        ring.sender.end(1060);
        DrainedRing rest = DrainedRing.of(ring.receiver, 1020);
        assertThat(ring.receiver.fillBytes()).isZero();
        assertThat(rest.start()).isEqualTo(1000);
        assertThat(rest.end()).isEqualTo(1060);
        assertThat(rest.fin()).isEqualTo(RingReceiver.UNSET);
        assertThat(rest.availableBytes()).isEqualTo(40);
        ByteBuffer dst = ByteBuffer.allocate(30);
        assertThat(rest.read(dst)).isEqualTo(30);
        assertThat(dst.array()).isEqualTo(Arrays.copyOfRange(StreamEnd.bytes(0, 60), 20, 50));
        assertThat(rest.hasData()).isTrue();
        assertThat(rest.read(ByteBuffer.allocate(30))).isEqualTo(10);
        assertThat(rest.hasData()).isFalse();
        assertThat(rest.read(ByteBuffer.allocate(30))).isZero();
    }

    @Test
    void shouldKeepTheEndOfTheStreamAndTheAbort() throws Exception {
        ring.sender.start(0);
        write(5);
        ring.sender.abort();
        ring.sender.fin(5);
        DrainedRing rest = DrainedRing.of(ring.receiver, 0);
        assertThat(rest.fin()).isEqualTo(5);
        assertThat(rest.aborted()).isTrue();
        assertThat(rest.bytes()).isEqualTo(5);
    }

    @Test
    void shouldBeEmptyWhenAllWasRead() throws Exception {
        ring.sender.start(7);
        ring.sender.end(7);
        assertThat(DrainedRing.of(ring.receiver, 7).hasData()).isFalse();
    }

    /** Less, more than fits, more than is there, and numbers whose difference overflows. */
    @ParameterizedTest
    @ValueSource(longs = {9, 111, 31, Long.MAX_VALUE - 1, Long.MIN_VALUE, Long.MIN_VALUE + 20})
    void shouldRefuseAnEndThatDoesNotFit(long end) throws Exception {
        ring.sender.start(10);
        write(20);
        ring.sender.end(end);
        assertThatThrownBy(() -> DrainedRing.of(ring.receiver, 10)).isInstanceOf(IOException.class);
    }
}
