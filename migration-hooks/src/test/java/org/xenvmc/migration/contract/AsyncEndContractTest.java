package org.xenvmc.migration.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.InterruptedByTimeoutException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.world.Io;

/** Closing, half closing, time-outs and cancelling. */
class AsyncEndContractTest extends AsyncContract {
    private static final long SHORT_MS = 50;

    // -- close

    @Test
    void shouldFailWhatIsPendingWhenClosed() throws Exception {
        AsyncPair p = asyncPair();
        Recorder<Integer> read = new Recorder<>();
        p.client().read(ByteBuffer.allocate(1), "r", read);
        Future<Integer> write = fillUntilPending(p.client());
        p.client().close();
        assertThat(read.failure()).isExactlyInstanceOf(AsynchronousCloseException.class);
        assertThat(read.attachment()).isEqualTo("r");
        assertThat(isGroupThread(read.thread())).isTrue();
        assertThat(failure(write)).isExactlyInstanceOf(AsynchronousCloseException.class);
        assertThat(p.client().isOpen()).isFalse();
        p.client().close(); // no effect
        assertThat(read.calls()).isEqualTo(1);
    }

    @Test
    void shouldFailTheFutureWhenClosedWhileItReads() throws Exception {
        AsyncPair p = asyncPair();
        Future<Integer> read = p.client().read(ByteBuffer.allocate(1));
        p.client().close();
        assertThat(failure(read)).isExactlyInstanceOf(AsynchronousCloseException.class);
        assertThat(read.isCancelled()).isFalse();
    }

    @Test
    void shouldFailAtOnceWhenClosedBefore() throws Exception {
        AsyncPair p = asyncPair();
        p.client().close();
        ByteBuffer b = ByteBuffer.allocate(1);
        assertThat(failure(p.client().read(b))).isExactlyInstanceOf(ClosedChannelException.class);
        assertThat(failure(p.client().write(b))).isExactlyInstanceOf(ClosedChannelException.class);
        Recorder<Integer> read = new Recorder<>();
        p.client().read(b, "a", read);
        assertThat(read.failure()).isExactlyInstanceOf(ClosedChannelException.class);
        Recorder<Long> write = new Recorder<>();
        p.client().write(new ByteBuffer[] {b}, 0, 1, 0, TimeUnit.SECONDS, "a", write);
        assertThat(write.failure()).isExactlyInstanceOf(ClosedChannelException.class);
        assertThat(write.attachment()).isEqualTo("a");
        assertThatThrownBy(() -> p.client().setOption(StandardSocketOptions.TCP_NODELAY, true))
                .isExactlyInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> p.client().getOption(StandardSocketOptions.TCP_NODELAY))
                .isExactlyInstanceOf(ClosedChannelException.class);
    }

    @Test
    void shouldDeliverEverythingThenEndWhenPeerCloses() throws Exception {
        AsyncPair p = asyncPair();
        writeFully(p.client(), pattern.bytes(0, 20_000));
        p.client().close();
        Io.receive(p.blocking().server(), pattern, 0, 20_000, 3_000);
        for (int i = 0; i < 3; i++) {
            assertThat(get(p.server().read(ByteBuffer.allocate(1)))).isEqualTo(-1);
        }
        Recorder<Long> handler = new Recorder<>();
        p.server().read(new ByteBuffer[] {ByteBuffer.allocate(1)}, 0, 1, 0, TimeUnit.SECONDS, null, handler);
        assertThat(handler.result()).isEqualTo(-1);
    }

    @Test
    void shouldEndThePendingReadWhenPeerCloses() throws Exception {
        AsyncPair p = asyncPair();
        Recorder<Integer> handler = new Recorder<>();
        p.server().read(ByteBuffer.allocate(1), null, handler);
        p.client().close();
        assertThat(handler.result()).isEqualTo(-1);
    }

    // -- half close

    @Test
    void shouldReadTheEndWhenInputIsShutDown() throws Exception {
        AsyncPair p = asyncPair();
        Recorder<Integer> pending = new Recorder<>();
        p.client().read(ByteBuffer.allocate(1), null, pending);
        assertThat(p.client().shutdownInput()).isSameAs(p.client());
        assertThat(pending.result()).isEqualTo(-1);
        assertThat(get(p.client().read(ByteBuffer.allocate(1)))).isEqualTo(-1);
        assertThat(get(p.client().read(ByteBuffer.allocate(0)))).isEqualTo(-1);
        assertThat(p.client().shutdownInput()).isSameAs(p.client());
        writeFully(p.client(), Io.text("out"));
        assertThat(read(p.server(), 3)).isEqualTo("out");
    }

    @Test
    void shouldFailToWriteWhenOutputIsShutDown() throws Exception {
        AsyncPair p = asyncPair();
        writeFully(p.client(), Io.text("last"));
        assertThat(p.client().shutdownOutput()).isSameAs(p.client());
        assertThat(p.client().shutdownOutput()).isSameAs(p.client());
        assertThat(failure(p.client().write(Io.text("more")))).isExactlyInstanceOf(ClosedChannelException.class);
        Recorder<Integer> handler = new Recorder<>();
        p.client().write(ByteBuffer.allocate(0), null, handler);
        assertThat(handler.failure()).isExactlyInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> p.client().setOption(StandardSocketOptions.TCP_NODELAY, true))
                .isExactlyInstanceOf(IOException.class);
        assertThat(read(p.server(), 4)).isEqualTo("last");
        assertThat(get(p.server().read(ByteBuffer.allocate(1)))).isEqualTo(-1);
        writeFully(p.server(), Io.text("still"));
        assertThat(read(p.client(), 5)).isEqualTo("still");
        assertThat(p.client().isOpen()).isTrue();
    }

    @Test
    void shouldFailThePendingWriteWhenOutputIsShutDown() throws Exception {
        AsyncPair p = asyncPair();
        Future<Integer> write = fillUntilPending(p.client());
        p.client().shutdownOutput();
        assertThat(failure(write)).isExactlyInstanceOf(IOException.class).hasMessage("Broken pipe");
        assertThat(p.client().isOpen()).isTrue();
    }

    // -- time-outs

    @Test
    void shouldFailAndRefuseMoreWhenAReadTimesOut() throws Exception {
        AsyncPair p = asyncPair();
        Recorder<Integer> handler = new Recorder<>();
        p.client().read(ByteBuffer.allocate(1), SHORT_MS, TimeUnit.MILLISECONDS, "a", handler);
        assertThat(handler.failure()).isExactlyInstanceOf(InterruptedByTimeoutException.class);
        assertThat(handler.attachment()).isEqualTo("a");
        assertThat(isGroupThread(handler.thread())).isTrue();
        assertThatThrownBy(() -> p.client().read(ByteBuffer.allocate(1)))
                .isExactlyInstanceOf(IllegalStateException.class);
        assertThat(p.client().isOpen()).isTrue();
        writeFully(p.client(), Io.text("w")); // the other direction lives
        assertThat(read(p.server(), 1)).isEqualTo("w");
    }

    @Test
    void shouldFailWhenAScatteringReadTimesOut() throws Exception {
        AsyncPair p = asyncPair();
        Recorder<Long> handler = new Recorder<>();
        ByteBuffer[] dsts = {ByteBuffer.allocate(1)};
        p.client().read(dsts, 0, 1, SHORT_MS, TimeUnit.MILLISECONDS, null, handler);
        assertThat(handler.failure()).isExactlyInstanceOf(InterruptedByTimeoutException.class);
    }

    @Test
    void shouldFailAndRefuseMoreWhenAWriteTimesOut() throws Exception {
        AsyncPair p = asyncPair();
        Recorder<Integer> handler = new Recorder<>();
        writeUntilTimeout(p.client(), handler);
        assertThat(handler.failure()).isExactlyInstanceOf(InterruptedByTimeoutException.class);
        assertThatThrownBy(() -> p.client().write(ByteBuffer.allocate(1)))
                .isExactlyInstanceOf(IllegalStateException.class);
        writeFully(p.server(), Io.text("r"));
        assertThat(read(p.client(), 1)).isEqualTo("r");
    }

    private static void writeUntilTimeout(AsynchronousSocketChannel channel, Recorder<Integer> last) {
        ByteBuffer block = ByteBuffer.allocate(1 << 20);
        channel.write(block, 500, TimeUnit.MILLISECONDS, last, new java.nio.channels.CompletionHandler<>() {
            @Override
            public void completed(Integer n, Recorder<Integer> r) {
                channel.write(block.clear(), 500, TimeUnit.MILLISECONDS, r, this);
            }

            @Override
            public void failed(Throwable failure, Recorder<Integer> r) {
                r.failed(failure, null);
            }
        });
    }

    @Test
    void shouldNotTimeOutWhenTheBytesComeBefore() throws Exception {
        AsyncPair p = asyncPair();
        for (int i = 0; i < 20; i++) {
            Recorder<Integer> handler = new Recorder<>();
            p.client().read(ByteBuffer.allocate(1), 20, TimeUnit.SECONDS, null, handler);
            writeFully(p.server(), Io.text("x"));
            assertThat(handler.result()).isEqualTo(1);
        }
        Recorder<Integer> without = new Recorder<>(); // neither zero nor less is a time-out
        p.client().read(ByteBuffer.allocate(1), -1, TimeUnit.MILLISECONDS, null, without);
        writeFully(p.server(), Io.text("x"));
        assertThat(without.result()).isEqualTo(1);
    }

    // -- cancelling

    @Test
    void shouldRefuseMoreWhenAReadWasCancelled() throws Exception {
        AsyncPair p = asyncPair();
        Future<Integer> read = p.client().read(ByteBuffer.allocate(1));
        assertThat(read.isDone()).isFalse();
        assertThat(read.cancel(false)).isTrue();
        assertThat(read.cancel(false)).isFalse();
        assertThat(read.isCancelled()).isTrue();
        assertThat(read.isDone()).isTrue();
        assertThatThrownBy(read::get).isInstanceOf(CancellationException.class);
        assertThatThrownBy(() -> read.get(1, TimeUnit.SECONDS)).isInstanceOf(CancellationException.class);
        assertThatThrownBy(() -> p.client().read(ByteBuffer.allocate(1))).isInstanceOf(IllegalStateException.class);
        writeFully(p.client(), Io.text("w"));
        assertThat(read(p.server(), 1)).isEqualTo("w");
        assertThat(p.client().isOpen()).isTrue();
    }

    @Test
    void shouldCloseWhenCancelledByForce() throws Exception {
        AsyncPair p = asyncPair();
        Future<Integer> read = p.client().read(ByteBuffer.allocate(1));
        assertThat(read.cancel(true)).isTrue();
        assertThat(p.client().isOpen()).isFalse();
        assertThat(get(p.server().read(ByteBuffer.allocate(1)))).isEqualTo(-1);
    }

    @Test
    void shouldRefuseMoreWhenAWriteWasCancelled() throws Exception {
        AsyncPair p = asyncPair();
        Future<Integer> write = fillUntilPending(p.client());
        assertThat(write.cancel(false)).isTrue();
        assertThatThrownBy(write::get).isInstanceOf(CancellationException.class);
        assertThatThrownBy(() -> p.client().write(Io.text("x"))).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void shouldThrowWhenTheFutureIsNotDoneInTime() throws Exception {
        AsyncPair p = asyncPair();
        Future<Integer> read = p.client().read(ByteBuffer.allocate(1));
        assertThatThrownBy(() -> read.get(SHORT_MS, TimeUnit.MILLISECONDS))
                .isExactlyInstanceOf(java.util.concurrent.TimeoutException.class);
        writeFully(p.server(), Io.text("x")); // waiting in vain harms nothing
        assertThat(get(read)).isEqualTo(1);
    }
}
