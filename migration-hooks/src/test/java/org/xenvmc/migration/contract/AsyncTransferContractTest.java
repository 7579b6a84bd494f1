package org.xenvmc.migration.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.nio.channels.ReadPendingException;
import java.nio.channels.WritePendingException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.world.Background;
import org.xenvmc.migration.world.Io;
import org.xenvmc.migration.world.Pair;

class AsyncTransferContractTest extends AsyncContract {
    private static final int LARGE = 8 << 20;

    @Test
    void shouldReadWhatWasWrittenWhenUsedByFutures() throws Exception {
        AsyncPair p = asyncPair();
        ByteBuffer src = Io.text("hello");
        assertThat(get(p.client().write(src))).isEqualTo(5);
        assertThat(src.hasRemaining()).isFalse();
        ByteBuffer dst = ByteBuffer.allocate(10).position(2);
        assertThat(get(p.server().read(dst))).isBetween(1, 5);
        while (dst.position() < 7) {
            get(p.server().read(dst));
        }
        assertThat(new String(dst.array(), 2, 5)).isEqualTo("hello");
    }

    @Test
    void shouldTellTheHandlerOnceWithItsAttachmentWhenComplete() throws Exception {
        AsyncPair p = asyncPair();
        Recorder<Integer> reader = new Recorder<>();
        ByteBuffer dst = ByteBuffer.allocateDirect(100);
        Object attachment = new Object();
        p.server().read(dst, attachment, reader);
        Recorder<Integer> writer = new Recorder<>();
        p.client().write(Io.text("z"), null, writer);
        assertThat(writer.result()).isEqualTo(1);
        assertThat(writer.attachment()).isNull();
        assertThat(reader.result()).isEqualTo(1);
        assertThat(reader.attachment()).isSameAs(attachment);
        assertThat(dst.position()).isEqualTo(1);
        assertThat(isGroupThread(reader.thread())).isTrue();
        assertThat(isGroupThread(writer.thread())).isTrue();
        assertThat(reader.calls() + writer.calls()).isEqualTo(2);
    }

    @Test
    void shouldReturnZeroAtOnceWhenThereIsNoRoom() throws Exception {
        AsyncPair p = asyncPair();
        ByteBuffer none = ByteBuffer.allocate(0);
        assertThat(get(p.client().read(none))).isZero();
        assertThat(get(p.client().write(none))).isZero();
        Recorder<Integer> handler = new Recorder<>();
        p.client().read(none, null, handler);
        assertThat(handler.result()).isZero();
        Recorder<Integer> writer = new Recorder<>();
        p.client().write(none, null, writer);
        assertThat(writer.result()).isZero();
        Recorder<Long> gathering = new Recorder<>();
        p.client().write(new ByteBuffer[] {none, none}, 0, 2, 0, TimeUnit.SECONDS, null, gathering);
        assertThat(gathering.result()).isZero();
    }

    @Test
    void shouldThrowWhenTheBufferIsReadOnly() throws Exception {
        AsyncPair p = asyncPair();
        ByteBuffer readOnly = ByteBuffer.allocate(1).asReadOnlyBuffer();
        assertThatThrownBy(() -> p.client().read(readOnly)).isExactlyInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> p.client().read(readOnly, null, new Recorder<>()))
                .isExactlyInstanceOf(IllegalArgumentException.class);
        ByteBuffer[] some = {ByteBuffer.allocate(1), readOnly};
        assertThatThrownBy(() -> p.client().read(some, 0, 2, 0, TimeUnit.SECONDS, null, new Recorder<>()))
                .isExactlyInstanceOf(IllegalArgumentException.class);
        Recorder<Long> handler = new Recorder<>();
        p.client().read(some, 0, 1, 0, TimeUnit.SECONDS, null, handler);
        get(p.server().write(readOnly));
        assertThat(handler.result()).isEqualTo(1);
    }

    @Test
    void shouldThrowWhenThereIsNoHandler() throws Exception {
        AsyncPair p = asyncPair();
        ByteBuffer b = ByteBuffer.allocate(1);
        ByteBuffer[] bs = {b};
        assertThatThrownBy(() -> p.client().read(b, null, null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> p.client().write(b, null, null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> p.client().read(bs, 0, 1, 0, TimeUnit.SECONDS, null, null))
                .isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> p.client().write(bs, 0, 1, 0, TimeUnit.SECONDS, null, null))
                .isInstanceOf(NullPointerException.class);
    }

    @Test
    void shouldThrowWhenTheRangeIsNotInTheArray() throws Exception {
        AsyncPair p = asyncPair();
        ByteBuffer[] bs = {ByteBuffer.allocate(1), ByteBuffer.allocate(1)};
        int[][] wrong = {{-1, 1}, {0, -1}, {0, 3}, {2, 1}, {3, 0}, {1, Integer.MAX_VALUE}};
        for (int[] w : wrong) {
            assertThatThrownBy(() -> p.client().read(bs, w[0], w[1], 0, TimeUnit.SECONDS, null, new Recorder<>()))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> p.client().write(bs, w[0], w[1], 0, TimeUnit.SECONDS, null, new Recorder<>()))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void shouldThrowWhenTheSameIsPending() throws Exception {
        AsyncPair p = asyncPair();
        Future<Integer> read = p.client().read(ByteBuffer.allocate(4));
        assertThatThrownBy(() -> p.client().read(ByteBuffer.allocate(4)))
                .isExactlyInstanceOf(ReadPendingException.class);
        assertThatThrownBy(() -> p.client().read(ByteBuffer.allocate(4), null, new Recorder<>()))
                .isExactlyInstanceOf(ReadPendingException.class);
        assertThat(get(p.client().write(Io.text("w")))).isEqualTo(1); // the other direction is free
        get(p.server().write(Io.text("r")));
        assertThat(get(read)).isEqualTo(1);
        Future<Integer> write = fillUntilPending(p.client());
        assertThatThrownBy(() -> p.client().write(ByteBuffer.allocate(4)))
                .isExactlyInstanceOf(WritePendingException.class);
        assertThatThrownBy(() -> p.client().write(ByteBuffer.allocate(4), null, new Recorder<>()))
                .isExactlyInstanceOf(WritePendingException.class);
        drainUntil(p.server(), write);
        assertThat(get(write)).isPositive();
    }

    private static void drainUntil(AsynchronousSocketChannel from, Future<?> done) throws Exception {
        ByteBuffer b = ByteBuffer.allocate(1 << 20);
        while (!done.isDone()) {
            Future<Integer> read = from.read(b.clear());
            // what was written may all have been read before its writer is told
            Awaitility.await("more bytes, or the end of the write")
                    .atMost(Duration.ofSeconds(20))
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> read.isDone() || done.isDone());
            if (read.isDone()) {
                assertThat(get(read)).isPositive();
            }
        }
    }

    @Test
    void shouldFillTheBuffersInOrderWhenScattering() throws Exception {
        AsyncPair p = asyncPair();
        ByteBuffer[] dsts = new ByteBuffer[5];
        for (int i = 0; i < dsts.length; i++) {
            dsts[i] = i % 2 == 0 ? ByteBuffer.allocate(3) : ByteBuffer.allocateDirect(3);
        }
        Recorder<Long> handler = new Recorder<>();
        p.server().read(dsts, 1, 3, 0, TimeUnit.SECONDS, "a", handler);
        dsts[1] = null; // the operation has its own array
        get(p.client().write(Io.text("abcdefgh")));
        long n = handler.result();
        assertThat(n).isBetween(1L, 8L);
        assertThat(dsts[0].position()).isZero();
        assertThat(dsts[4].position()).isZero();
        assertThat(dsts[2].position() + dsts[3].position()).isEqualTo((int) Math.max(0, n - 3));
        assertThat(handler.attachment()).isEqualTo("a");
    }

    @Test
    void shouldWriteTheBuffersInOrderWhenGathering() throws Exception {
        AsyncPair p = asyncPair();
        ByteBuffer[] srcs = {Io.text("not"), Io.text("one"), Io.text(""), Io.text("two"), Io.text("not")};
        Recorder<Long> handler = new Recorder<>();
        p.client().write(srcs, 1, 3, 0, TimeUnit.SECONDS, "a", handler);
        assertThat(handler.result()).isEqualTo(6);
        assertThat(srcs[0].remaining()).isEqualTo(3);
        assertThat(srcs[4].remaining()).isEqualTo(3);
        assertThat(srcs[1].hasRemaining() || srcs[3].hasRemaining()).isFalse();
        assertThat(read(p.server(), 6)).isEqualTo("onetwo");
    }

    @Test
    void shouldDeliverEveryByteBothWaysWhenHandlersWriteAndRead() throws Exception {
        AsyncPair p = asyncPair();
        CompletableFuture<Void> there = send(p.client(), LARGE);
        CompletableFuture<Void> back = send(p.server(), LARGE);
        CompletableFuture<Void> received = receive(p.server(), LARGE);
        CompletableFuture<Void> answered = receive(p.client(), LARGE);
        for (CompletableFuture<Void> f : List.of(there, back, received, answered)) {
            f.get(Io.LIMIT_MS, TimeUnit.MILLISECONDS);
        }
    }

    private CompletableFuture<Void> send(AsynchronousSocketChannel channel, long length) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        ByteBuffer first = pattern.bytes(0, 100_000);
        channel.write(first, 0L, new CompletionHandler<Integer, Long>() {
            private ByteBuffer src = first;

            @Override
            public void completed(Integer n, Long offset) {
                long next = offset + n;
                if (next == length) {
                    done.complete(null);
                    return;
                }
                if (!src.hasRemaining()) {
                    src = pattern.bytes(next, (int) Math.min(100_000, length - next));
                }
                channel.write(src, next, this);
            }

            @Override
            public void failed(Throwable failure, Long offset) {
                done.completeExceptionally(failure);
            }
        });
        return done;
    }

    private CompletableFuture<Void> receive(AsynchronousSocketChannel channel, long length) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        ByteBuffer dst = ByteBuffer.allocateDirect(70_000);
        channel.read(dst, 0L, new CompletionHandler<Integer, Long>() {
            @Override
            public void completed(Integer n, Long offset) {
                try {
                    assertThat(n).isEqualTo(dst.position()).isPositive();
                    pattern.verify(dst.flip(), offset);
                    long next = offset + n;
                    if (next == length) {
                        done.complete(null);
                    } else {
                        channel.read(dst.clear(), next, this);
                    }
                } catch (Throwable t) {
                    done.completeExceptionally(t);
                }
            }

            @Override
            public void failed(Throwable failure, Long offset) {
                done.completeExceptionally(failure);
            }
        });
        return done;
    }

    @Test
    void shouldDeliverEveryByteWhenWrittenByFutures() throws Exception {
        Pair p = asyncPair().blocking();
        Background<Void> writer = Background.run(() -> Io.send(p.server(), pattern, 0, LARGE, 33_333));
        Io.receive(p.client(), pattern, 0, LARGE, 10_000);
        writer.result();
    }
}
