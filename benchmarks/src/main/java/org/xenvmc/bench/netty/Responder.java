package org.xenvmc.bench.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/** The server: echoes, or takes a stream and answers its last byte. */
@ChannelHandler.Sharable
public final class Responder extends ChannelInboundHandlerAdapter {
    /** Last byte of a stream; all others are 0. */
    static final byte LAST = 1;

    private volatile boolean echo = true;

    /** What is to come next: requests, or a stream. */
    public void echo(boolean requests) {
        echo = requests;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        if (echo) {
            context.writeAndFlush(bytes, context.voidPromise());
            return;
        }
        boolean over = bytes.getByte(bytes.writerIndex() - 1) == LAST;
        bytes.release();
        if (over) {
            context.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {LAST}), context.voidPromise());
        }
    }
}
