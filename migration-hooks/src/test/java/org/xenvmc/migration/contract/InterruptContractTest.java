package org.xenvmc.migration.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.Selector;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.world.Background;
import org.xenvmc.migration.world.Io;
import org.xenvmc.migration.world.Pair;
import org.xenvmc.migration.world.StreamPattern;

class InterruptContractTest extends Contract {
    @Test
    void shouldCloseWhenInterruptedDuringRead() throws Exception {
        Pair p = pair();
        boolean[] status = {false};
        Background<Integer> reader = Background.start(() -> {
                    try {
                        return Io.readSome(p.client());
                    } finally {
                        status[0] = Thread.currentThread().isInterrupted();
                    }
                })
                .insideOf("read");
        reader.interrupt();
        assertThat(reader.failure()).isExactlyInstanceOf(ClosedByInterruptException.class);
        assertThat(status[0]).isTrue();
        assertThat(p.client().isOpen()).isFalse();
        assertThatThrownBy(() -> Io.readSome(p.client())).isExactlyInstanceOf(ClosedChannelException.class);
        assertThat(Io.readSome(p.server())).isEqualTo(-1);
    }

    @Test
    void shouldCloseWhenInterruptedDuringWrite() throws Exception {
        Pair p = pair();
        StreamPattern pattern = new StreamPattern(9);
        ByteBuffer large = pattern.bytes(0, 64 << 20);
        Background<Integer> writer =
                Background.start(() -> p.server().write(large)).insideOf("write");
        writer.interrupt();
        assertThat(writer.failure()).isExactlyInstanceOf(ClosedByInterruptException.class);
        assertThat(p.server().isOpen()).isFalse();
        assertThat(large.position()).isPositive();
        Io.receive(p.client(), pattern, 0, large.position(), 100_000);
        assertThat(Io.readSome(p.client())).isEqualTo(-1);
    }

    @Test
    void shouldCloseWhenInterruptedBefore() throws Exception {
        Pair p = pair();
        Pair q = pair();
        Pair r = pair();
        Io.write(p.server(), "waiting");
        try {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> Io.readSome(p.client())).isExactlyInstanceOf(ClosedByInterruptException.class);
            assertThatThrownBy(() -> q.client().write(ByteBuffer.allocate(1)))
                    .isExactlyInstanceOf(ClosedByInterruptException.class);
            assertThatThrownBy(() -> r.client().read(ByteBuffer.allocate(0)))
                    .isExactlyInstanceOf(ClosedByInterruptException.class);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(p.client().isOpen()).isFalse();
        assertThat(q.client().isOpen()).isFalse();
        assertThat(r.client().isOpen()).isFalse();
    }

    @Test
    void shouldIgnoreInterruptWhenNotBlocking() throws Exception {
        Pair p = pair().blocking(false);
        try {
            Thread.currentThread().interrupt();
            assertThat(Io.readSome(p.client())).isZero();
            assertThat(p.client().write(Io.text("x"))).isEqualTo(1);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(p.client().isOpen()).isTrue();
        p.server().configureBlocking(true);
        assertThat(Io.read(p.server(), 1)).isEqualTo("x");
    }

    @Test
    void shouldReturnFromSelectWhenInterrupted() throws Exception {
        Pair p = pair().blocking(false);
        Selector selector = world.selector(p.client());
        p.client().register(selector, java.nio.channels.SelectionKey.OP_READ);
        boolean[] status = {false};
        Background<Integer> selecting = Background.start(() -> {
                    int n = selector.select();
                    status[0] = Thread.currentThread().isInterrupted();
                    return n;
                })
                .insideOf("select");
        selecting.interrupt();
        assertThat(selecting.result()).isZero();
        assertThat(status[0]).isTrue();
        assertThat(selector.isOpen()).isTrue();
        assertThat(p.client().isOpen()).isTrue();
    }

    @Test
    void shouldCloseWhenInterruptedDuringReadOfAdaptor() throws Exception {
        for (int soTimeout : new int[] {0, 30_000}) {
            Pair p = pair();
            p.client().socket().setSoTimeout(soTimeout);
            Background<Integer> reader = Background.start(
                            () -> p.client().socket().getInputStream().read())
                    .insideOf("read");
            reader.interrupt();
            assertThat(reader.failure()).isExactlyInstanceOf(ClosedByInterruptException.class);
            assertThat(p.client().isOpen()).isFalse();
        }
    }
}
