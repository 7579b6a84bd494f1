package org.xenvmc.migration.packed;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.Version;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** A server on the Netty that the application brings, which is not the library's; the client is plain. */
final class OwnNettyProgram {
    private OwnNettyProgram() {}

    public static void main(String[] args) throws Exception {
        if (args[0].equals("client")) {
            PlainSocketProgram.main(args);
            return;
        }
        System.out.println("netty=" + Version.identify().get("netty-transport").artifactVersion());
        EventLoopGroup group = group();
        try {
            Channel listener = new ServerBootstrap()
                    .group(group)
                    .channel(NioServerSocketChannel.class)
                    .childHandler(new ChannelInitializer<SocketChannel>() {
                        @Override
                        protected void initChannel(SocketChannel channel) {
                            channel.pipeline().addLast(new Echo());
                        }
                    })
                    .bind(InetAddress.getLoopbackAddress(), 0)
                    .sync()
                    .channel();
            System.out.println("port=" + ((InetSocketAddress) listener.localAddress()).getPort());
            listener.closeFuture().sync();
        } finally {
            group.shutdownGracefully(0, 1, java.util.concurrent.TimeUnit.SECONDS)
                    .sync();
        }
    }

    @SuppressWarnings("deprecation") // NioEventLoopGroup is what Netty 4.1 and 4.2 both have
    private static EventLoopGroup group() {
        return new NioEventLoopGroup(1);
    }

    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            context.writeAndFlush(message).addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE);
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            context.channel().parent().close();
        }
    }
}
