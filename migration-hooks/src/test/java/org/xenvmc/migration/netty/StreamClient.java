package org.xenvmc.migration.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.socket.DuplexChannel;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.xenvmc.migration.world.StreamPattern;
import org.xenvmc.migration.world.TestSeed;

/**
 * Sends a pattern in portions of random lengths, compares what comes back, and shuts its output at the end: when enough was sent
 * and what the test waits for has happened, or is not to be expected any more.
 */
final class StreamClient extends ChannelInboundHandlerAdapter {
    private static final int LONGEST = 100_000;
    private static final long LIMIT_NS = 20_000_000_000L;

    final CompletableFuture<Long> done = new CompletableFuture<>();
    private final StreamPattern pattern = new StreamPattern(5);
    private final Random random = new Random(TestSeed.next("netty stream"));
    private final long length;
    private final BooleanSupplier mayEnd;
    private final long startNs = System.nanoTime();
    private volatile long sent;
    private long received;
    private boolean ended;

    StreamClient(long length) {
        this(length, () -> true);
    }

    StreamClient(long length, BooleanSupplier mayEnd) {
        this.length = length;
        this.mayEnd = mayEnd;
    }

    /** Final when {@link #done}. */
    long sent() {
        return sent;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        send(ctx);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        send(ctx);
    }

    private void send(ChannelHandlerContext ctx) {
        while (!ended && ctx.channel().isWritable()) {
            int n = TestSeed.skewedLength(random, LONGEST);
            n = sent < length ? (int) Math.min(length - sent, n) : n;
            ByteBuf portion = Unpooled.wrappedBuffer(pattern.bytes(sent, n));
            sent += n; // before the write, which may bring us here again
            ctx.write(portion);
            if (!ended && sent >= length && (mayEnd.getAsBoolean() || System.nanoTime() - startNs > LIMIT_NS)) {
                ended = true;
                ctx.writeAndFlush(Unpooled.EMPTY_BUFFER)
                        .addListener(f -> ((DuplexChannel) ctx.channel()).shutdownOutput());
            }
        }
        ctx.flush();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf b = (ByteBuf) message;
        try {
            pattern.verify(b.nioBuffer(), received);
            received += b.readableBytes();
        } catch (Throwable t) {
            done.completeExceptionally(t);
            ctx.close();
        } finally {
            b.release();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownReadComplete) {
            done.complete(received);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        done.completeExceptionally(new AssertionError("inactive after " + received + " of " + sent + " bytes"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        done.completeExceptionally(cause);
    }
}
