package org.xenvmc.bench.netty;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.Properties;
import java.util.function.Supplier;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.Path;
import org.xenvmc.transport.VmcContext;
import org.xenvmc.transport.VmcSelectorProvider;
import org.xenvmc.transport.netty.VmcIoHandler;
import org.xenvmc.transport.netty.VmcNettyServerSocketChannel;
import org.xenvmc.transport.netty.VmcNettySocketChannel;

/** One end: a loop, and channels on a route. */
public final class NettyEnd implements AutoCloseable {
    private static final String ADDRESS = "127.0.0.1";

    private final NettyRoute route;
    private final VmcSelectorProvider provider; // null: the JDK's
    private final EventLoopGroup group;

    /**
     * Makes the loop.
     *
     * @param hostDirectory host of our routes
     */
    public NettyEnd(NettyRoute route, String hostDirectory) {
        this.route = route;
        this.provider = route == NettyRoute.JDK ? null : new VmcSelectorProvider(context(hostDirectory));
        this.group = new MultiThreadIoEventLoopGroup(1, handler());
    }

    private static VmcContext context(String hostDirectory) {
        Properties properties = new Properties();
        properties.setProperty(VmcContext.HOST_DIRECTORY_PROPERTY, hostDirectory);
        return VmcContext.fromProperties(properties);
    }

    private IoHandlerFactory handler() {
        return switch (route) {
            case HANDLER -> VmcIoHandler.newFactory(provider);
            case NIO -> NioIoHandler.newFactory(provider);
            case JDK -> NioIoHandler.newFactory();
        };
    }

    private Supplier<SocketChannel> channels() {
        return switch (route) {
            case HANDLER -> () -> new VmcNettySocketChannel(provider);
            case NIO -> () -> new NioSocketChannel(provider);
            case JDK -> NioSocketChannel::new;
        };
    }

    private Supplier<ServerSocketChannel> listeners() {
        return switch (route) {
            case HANDLER -> () -> new VmcNettyServerSocketChannel(provider);
            case NIO -> () -> new NioServerSocketChannel(provider);
            case JDK -> NioServerSocketChannel::new;
        };
    }

    /**
     * Listens.
     *
     * @param handler of every connection; it has to be sharable
     * @return the port
     */
    public int listen(ChannelHandler handler) throws InterruptedException {
        Channel listener = new ServerBootstrap()
                .group(group)
                .channelFactory(listeners()::get)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(handler);
                    }
                })
                .bind(ADDRESS, 0)
                .sync()
                .channel();
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    /** Connects, blocking. */
    public Channel connect(int port, ChannelHandler handler) throws InterruptedException {
        return new Bootstrap()
                .group(group)
                .channelFactory(channels()::get)
                .handler(handler)
                .connect(ADDRESS, port)
                .sync()
                .channel();
    }

    /**
     * Looks whether the connection is where the figure says.
     *
     * @throws IOException when one of our routes is not on shared memory in both directions
     */
    public void check() throws IOException {
        if (provider == null) {
            return;
        }
        Collection<ConnectionInfo> all = provider.engine().connections();
        for (ConnectionInfo c : all) {
            if (c.sending().path() != Path.SHARED_MEMORY || c.receiving().path() != Path.SHARED_MEMORY) {
                throw new IOException("not on shared memory: " + c);
            }
        }
        if (all.isEmpty()) {
            throw new IOException("the library knows of no connection");
        }
    }

    @Override
    public void close() {
        group.shutdownGracefully();
        if (provider != null) {
            provider.engine().close();
        }
    }
}
