package org.xenvmc.migration.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.world.Background;
import org.xenvmc.migration.world.Io;
import org.xenvmc.migration.world.Pair;
import org.xenvmc.migration.world.StreamPattern;
import org.xenvmc.migration.world.TestSeed;
import org.xenvmc.transport.DataHandler;
import org.xenvmc.transport.VmcConnections;

/** Receiving in place: the same stream as by reading, whatever the path. */
class InPlaceContractTest extends Contract {
    private static final DataHandler NEVER = data -> {
        throw new AssertionError("nothing was to be handed out");
    };

    private final StreamPattern pattern = new StreamPattern(21);

    @Test
    void shouldHandOutEveryByteInOrderAlsoBetweenReads() throws Exception {
        Random random = new Random(TestSeed.next("in place"));
        Pair p = pair();
        long total = 3 << 20;
        Background<Void> writer = Background.run(() -> {
            Io.send(p.client(), pattern, 0, total, 70_001);
            p.client().shutdownOutput();
        });
        long offset = 0;
        while (true) {
            int most = 1 + random.nextInt(40_000);
            long at = offset;
            int n;
            if (random.nextBoolean()) {
                n = VmcConnections.receive(p.server(), most, data -> {
                    assertThat(data.remaining()).isBetween(1, most);
                    pattern.verify(data, at);
                });
            } else {
                ByteBuffer b = ByteBuffer.allocate(most);
                n = p.server().read(b);
                pattern.verify(b.flip(), at);
            }
            if (n < 0) {
                break;
            }
            offset += n;
        }
        assertThat(offset).isEqualTo(total);
        writer.result();
        assertThat(VmcConnections.receive(p.server(), 1, NEVER)).isEqualTo(-1);
    }

    @Test
    void shouldReturnZeroWhenNothingIsThereAndTheChannelDoesNotBlock() throws Exception {
        Pair p = pair();
        p.server().configureBlocking(false);
        assertThat(VmcConnections.receive(p.server(), 100, NEVER)).isZero();
        Io.write(p.client(), "late");
        Io.awaitReady(p.server(), SelectionKey.OP_READ);
        StringBuilder text = new StringBuilder();
        while (text.length() < 4) {
            VmcConnections.receive(p.server(), 3, data -> {
                while (data.hasRemaining()) {
                    text.append((char) data.get());
                }
            });
        }
        assertThat(text).hasToString("late");
    }

    @Test
    void shouldWaitForDataAndEndWhenClosed() throws Exception {
        Pair p = pair();
        List<Integer> got = new ArrayList<>();
        Background<Integer> reader = Background.start(
                        () -> VmcConnections.receive(p.server(), 10, d -> got.add((int) d.get(d.position()))))
                .insideOf(kind.isReference() ? "read" : "receive");
        Io.write(p.client(), "A");
        assertThat(reader.result()).isEqualTo(1);
        assertThat(got).containsExactly((int) 'A');
        Background<Integer> next = Background.start(() -> VmcConnections.receive(p.server(), 10, NEVER))
                .insideOf(kind.isReference() ? "read" : "receive");
        p.server().close();
        assertThat(next.failure()).isInstanceOf(AsynchronousCloseException.class);
        assertThatThrownBy(() -> VmcConnections.receive(p.server(), 10, NEVER))
                .isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void shouldPassOnWhatTheHandlerThrowsAndGoOnBehindWhatItSaw() throws Exception {
        Pair p = pair();
        Io.write(p.client(), "abcdef");
        int[] seen = {0};
        for (Exception e : List.of(new IOException("handler"), new IllegalStateException("handler"))) {
            assertThatThrownBy(() -> VmcConnections.receive(p.server(), 2, data -> {
                        seen[0] += data.remaining();
                        if (e instanceof IOException io) {
                            throw io;
                        }
                        throw (RuntimeException) e;
                    }))
                    .isSameAs(e);
        }
        assertThat(seen[0]).isBetween(2, 4);
        assertThat(Io.read(p.server(), 6 - seen[0])).isEqualTo("abcdef".substring(seen[0]));
        Io.write(p.server(), "on");
        assertThat(Io.read(p.client(), 2)).isEqualTo("on");
    }

    @Test
    void shouldLetTheHandlerWriteButNotChange() throws Exception {
        Pair p = pair();
        Io.write(p.client(), "echo");
        int[] got = {0};
        while (got[0] < 4) {
            got[0] += VmcConnections.receive(p.server(), 100, data -> {
                assertThat(data.isReadOnly()).isTrue();
                assertThatThrownBy(() -> data.put(0, (byte) 1)).isInstanceOf(ReadOnlyBufferException.class);
                while (data.hasRemaining()) {
                    p.server().write(data);
                }
            });
        }
        assertThat(Io.read(p.client(), 4)).isEqualTo("echo");
    }

    @Test
    void shouldNotHarmAnybodyWhenTheBytesAreLookedAtTooLate() throws Exception {
        Assumptions.assumeFalse(kind.isReference(), "the JDK's channels hand out copies");
        List<ByteBuffer> kept = new ArrayList<>();
        Pair p = pair();
        Io.write(p.client(), "kept");
        for (int got = 0; got < 4; ) {
            got += VmcConnections.receive(p.server(), 100, kept::add);
        }
        p.client().close();
        p.server().close();
        world.close();
        for (ByteBuffer late : kept) {
            assertThat(late.get(0)).as("anything, but no crash").isBetween(Byte.MIN_VALUE, Byte.MAX_VALUE);
        }
        world = kind.open();
    }

    @Test
    void shouldRefuseNonsense() throws Exception {
        Assumptions.assumeFalse(kind.isReference(), "the JDK's channels check their own arguments");
        SocketChannel c = pair().client();
        assertThatThrownBy(() -> VmcConnections.receive(c, 0, NEVER)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> VmcConnections.receive(c, 1, null)).isInstanceOf(NullPointerException.class);
    }
}
