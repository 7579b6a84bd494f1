package org.xenvmc.bench.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.xenvmc.bench.workload.Sample;

/** The client: round trips of one block at a time, or a stream of blocks. All of it runs on the channel's loop. */
public final class Driver extends ChannelInboundHandlerAdapter {
    private static final int ROUND_TRIPS_PER_CLOCK = 16;
    private static final int BLOCKS_AT_ONCE = 32;

    private ChannelHandlerContext context;
    private ByteBuf block;
    private boolean streaming;
    private int missing; // bytes of the answer
    private long operations;
    private long startNs;
    private long durationNs;
    private boolean lastSent;
    private CompletableFuture<Sample> result;

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
    }

    /** Round trips for so long. Any thread. */
    public CompletableFuture<Sample> roundTrips(int sizeBytes, long forNs) {
        return begin(false, sizeBytes, forNs);
    }

    /** A stream for so long, until its last byte is acknowledged. Any thread. */
    public CompletableFuture<Sample> stream(int sizeBytes, long forNs) {
        return begin(true, sizeBytes, forNs);
    }

    private CompletableFuture<Sample> begin(boolean stream, int sizeBytes, long forNs) {
        CompletableFuture<Sample> promise = new CompletableFuture<>();
        context.executor().execute(() -> {
            result = promise;
            streaming = stream;
            block = Unpooled.directBuffer(sizeBytes).writeZero(sizeBytes);
            operations = 0;
            lastSent = false;
            durationNs = forNs;
            startNs = System.nanoTime();
            if (stream) {
                missing = 1;
                pump();
            } else {
                request();
            }
        });
        return promise;
    }

    private void request() {
        missing = block.readableBytes();
        context.writeAndFlush(block.retainedDuplicate(), context.voidPromise());
    }

    private void pump() {
        for (int i = 0; i < BLOCKS_AT_ONCE && streaming && !lastSent; i++) {
            if (!context.channel().isWritable()) {
                return; // goes on when it is writable again
            }
            operations++;
            lastSent = System.nanoTime() - startNs >= durationNs;
            context.writeAndFlush(lastSent ? lastBlock() : block.retainedDuplicate(), context.voidPromise());
        }
        if (streaming && !lastSent) {
            context.executor().execute(this::pump);
        }
    }

    private ByteBuf lastBlock() {
        ByteBuf last = block.copy();
        return last.setByte(last.writerIndex() - 1, Responder.LAST);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext changed) {
        if (streaming && changed.channel().isWritable()) {
            pump();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext reading, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        missing -= bytes.readableBytes();
        bytes.release();
        if (missing > 0) {
            return;
        }
        if (streaming) {
            finish();
            return;
        }
        operations++;
        if (operations % ROUND_TRIPS_PER_CLOCK == 0 && System.nanoTime() - startNs >= durationNs) {
            finish();
        } else {
            request();
        }
    }

    private void finish() {
        long elapsedNs = System.nanoTime() - startNs;
        streaming = false;
        Sample sample = new Sample()
                .with(Sample.OPERATIONS, operations)
                .with(Sample.BYTES, operations * block.readableBytes())
                .with(Sample.ELAPSED_NS, elapsedNs);
        block.release();
        result.complete(sample);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext failing, Throwable cause) {
        fail(cause);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ended) {
        fail(new IOException("the connection ended"));
    }

    private void fail(Throwable cause) {
        if (result != null) {
            result.completeExceptionally(cause);
        }
    }
}
