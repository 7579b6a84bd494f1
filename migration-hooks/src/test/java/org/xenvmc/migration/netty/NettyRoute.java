package org.xenvmc.migration.netty;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import org.xenvmc.transport.VmcSelectorProvider;
import org.xenvmc.transport.netty.VmcIoHandler;
import org.xenvmc.transport.netty.VmcNettyServerSocketChannel;
import org.xenvmc.transport.netty.VmcNettySocketChannel;

/** The ways from Netty to our channels. */
enum NettyRoute {
    /** Netty's own NIO transport, which is given our provider. */
    NIO {
        @Override
        EventLoopGroup group(int threads, VmcSelectorProvider provider) {
            return new MultiThreadIoEventLoopGroup(threads, NioIoHandler.newFactory(provider));
        }

        @Override
        Bootstrap client(VmcSelectorProvider provider) {
            return new Bootstrap().channelFactory(() -> new NioSocketChannel(provider));
        }

        @Override
        ServerBootstrap server(VmcSelectorProvider provider) {
            return new ServerBootstrap().channelFactory(() -> new NioServerSocketChannel(provider));
        }
    },
    /** Our transport. */
    NATIVE {
        @Override
        EventLoopGroup group(int threads, VmcSelectorProvider provider) {
            return new MultiThreadIoEventLoopGroup(threads, VmcIoHandler.newFactory(provider));
        }

        @Override
        Bootstrap client(VmcSelectorProvider provider) {
            return new Bootstrap().channelFactory(() -> new VmcNettySocketChannel(provider));
        }

        @Override
        ServerBootstrap server(VmcSelectorProvider provider) {
            return new ServerBootstrap().channelFactory(() -> new VmcNettyServerSocketChannel(provider));
        }
    };

    abstract EventLoopGroup group(int threads, VmcSelectorProvider provider);

    abstract Bootstrap client(VmcSelectorProvider provider);

    abstract ServerBootstrap server(VmcSelectorProvider provider);
}
