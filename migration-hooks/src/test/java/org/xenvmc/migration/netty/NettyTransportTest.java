package org.xenvmc.migration.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.util.concurrent.Future;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xenvmc.migration.world.HostDirectory;
import org.xenvmc.migration.world.Residue;
import org.xenvmc.migration.world.Switcher;
import org.xenvmc.migration.world.Vm;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.Path;

/** Netty over our channels: through its NIO transport, and through ours. */
@Timeout(60)
class NettyTransportTest {
    private static final long LIMIT_MS = 20_000;
    /** Without a quiet period a loop of Netty's may end before it has closed its channels. */
    private static final long QUIET_MS = 20;

    private static final int STREAM = 8 << 20;

    private Residue before;
    private HostDirectory host;
    private Vm clientVm;
    private Vm serverVm;
    private EventLoopGroup clients;
    private EventLoopGroup servers;

    @BeforeEach
    void startVms() {
        before = Residue.now();
        host = HostDirectory.create();
        clientVm = Vm.on(host);
        serverVm = Vm.on(host);
    }

    @AfterEach
    void stop() throws Exception {
        for (EventLoopGroup group : new EventLoopGroup[] {clients, servers}) {
            if (group != null) {
                await(group.shutdownGracefully(QUIET_MS, LIMIT_MS, TimeUnit.MILLISECONDS));
                assertThat(group.awaitTermination(LIMIT_MS, TimeUnit.MILLISECONDS))
                        .isTrue();
            }
        }
        clientVm.awaitNoConnections();
        clientVm.close();
        serverVm.close();
        host.close();
        before.awaitNothingNew(() -> "");
    }

    private static <T> T await(Future<T> future) throws Exception {
        assertThat(future.await(LIMIT_MS)).as("completion of %s", future).isTrue();
        assertThat(future.cause()).isNull();
        return future.getNow();
    }

    private static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    private Channel listen(NettyRoute route, ChannelHandler child) throws Exception {
        clients = route.group(1, clientVm.provider());
        servers = route.group(1, serverVm.provider());
        ServerBootstrap bootstrap = route.server(serverVm.provider())
                .group(servers)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(child);
                    }
                });
        var bound = bootstrap.bind(anyPort());
        await(bound);
        return bound.channel();
    }

    private Channel connect(NettyRoute route, Channel listener, ChannelHandler handler) throws Exception {
        var connected = route.client(clientVm.provider())
                .group(clients)
                .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .handler(handler)
                .connect(listener.localAddress());
        await(connected);
        return connected.channel();
    }

    private ConnectionInfo onlyConnection() {
        List<ConnectionInfo> all = clientVm.engine().connections();
        assertThat(all).hasSize(1);
        return all.get(0);
    }

    private boolean settled() {
        return clientVm.engine().connections().stream()
                .allMatch(c -> c.sending().path() == Path.SHARED_MEMORY
                        && c.receiving().path() == Path.SHARED_MEMORY);
    }

    @ParameterizedTest
    @EnumSource
    void shouldEchoEveryByteThroughSharedMemory(NettyRoute route) throws Exception {
        Channel listener = listen(route, new EchoHandler());
        StreamClient stream = new StreamClient(STREAM, this::settled);
        Channel client = connect(route, listener, stream);
        assertThat(stream.done.get(LIMIT_MS, TimeUnit.MILLISECONDS)).isEqualTo(stream.sent());
        ConnectionInfo info = onlyConnection();
        assertThat(info.sending().switches()).isPositive();
        assertThat(info.sending().path()).isEqualTo(Path.SHARED_MEMORY);
        assertThat(info.receiving().path()).isEqualTo(Path.SHARED_MEMORY);
        await(client.close());
    }

    @ParameterizedTest
    @EnumSource
    void shouldEchoEveryByteWhileItsPathChanges(NettyRoute route) throws Exception {
        Channel listener = listen(route, new EchoHandler());
        Switcher switcher = new Switcher(List.of(clientVm, serverVm), List.of(host));
        switcher.start();
        try {
            for (int i = 0; i < 3; i++) {
                StreamClient stream = new StreamClient(STREAM);
                Channel client = connect(route, listener, stream);
                assertThat(stream.done.get(LIMIT_MS, TimeUnit.MILLISECONDS)).isEqualTo(stream.sent());
                await(client.close());
            }
        } finally {
            switcher.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldAnswerManyConnectionsAtOnce(NettyRoute route) throws Exception {
        Channel listener = listen(route, new EchoHandler());
        StreamClient[] streams = new StreamClient[40];
        for (int i = 0; i < streams.length; i++) {
            streams[i] = new StreamClient(50_000 + i);
            connect(route, listener, streams[i]);
        }
        for (int i = 0; i < streams.length; i++) {
            assertThat(streams[i].done.get(LIMIT_MS, TimeUnit.MILLISECONDS)).isEqualTo(50_000 + i);
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldTellTheOtherSideWhenClosed(NettyRoute route) throws Exception {
        CompletableFuture<Void> inactive = new CompletableFuture<>();
        Channel listener = listen(route, new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                io.netty.util.ReferenceCountUtil.release(message);
                ctx.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
            }

            @Override
            public void channelInactive(ChannelHandlerContext ctx) {
                inactive.complete(null);
            }
        });
        Channel client = connect(route, listener, new ChannelInboundHandlerAdapter());
        await(client.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {1})));
        await(client.close());
        inactive.get(LIMIT_MS, TimeUnit.MILLISECONDS);
    }

    @ParameterizedTest
    @EnumSource
    void shouldFailToConnectWhenNobodyListens(NettyRoute route) throws Exception {
        clients = route.group(1, clientVm.provider());
        InetSocketAddress dead;
        try (ServerSocketChannel s = ServerSocketChannel.open().bind(anyPort())) {
            dead = (InetSocketAddress) s.getLocalAddress();
        }
        var connected = route.client(clientVm.provider())
                .group(clients)
                .handler(new ChannelInboundHandlerAdapter())
                .connect(dead);
        assertThat(connected.await(LIMIT_MS)).isTrue();
        assertThat(connected.cause()).isInstanceOf(ConnectException.class);
        assertThat(connected.channel().isOpen()).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void shouldRunTasksAndTimersWhileIdleAndWhileBusy(NettyRoute route) throws Exception {
        Channel listener = listen(route, new EchoHandler());
        for (int i = 0; i < 100; i++) {
            assertThat(clients.submit(() -> 7).get(LIMIT_MS, TimeUnit.MILLISECONDS))
                    .isEqualTo(7);
        }
        assertThat(clients.schedule(() -> 8, 5, TimeUnit.MILLISECONDS).get(LIMIT_MS, TimeUnit.MILLISECONDS))
                .isEqualTo(8);
        StreamClient stream = new StreamClient(4L * STREAM);
        connect(route, listener, stream);
        while (!stream.done.isDone()) {
            int delayUs = ThreadLocalRandom.current().nextInt(500);
            clients.schedule(() -> {}, delayUs, TimeUnit.MICROSECONDS).get(LIMIT_MS, TimeUnit.MILLISECONDS);
        }
        assertThat(stream.done.get()).isEqualTo(4L * STREAM);
    }

    @ParameterizedTest
    @EnumSource
    void shouldGoOnWhenRegisteredAgainWithItsLoop(NettyRoute route) throws Exception {
        Channel listener = listen(route, new EchoHandler());
        CompletableFuture<Void> answered = new CompletableFuture<>();
        Channel client = connect(route, listener, new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                io.netty.util.ReferenceCountUtil.release(message);
                answered.complete(null);
            }
        });
        await(client.deregister());
        await(clients.register(client));
        await(client.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {1})));
        answered.get(LIMIT_MS, TimeUnit.MILLISECONDS);
    }

    @ParameterizedTest
    @EnumSource
    void shouldCarryDatagramChannelsOfNettyToo(NettyRoute route) throws Exception {
        clients = route.group(1, clientVm.provider());
        CompletableFuture<Integer> received = new CompletableFuture<>();
        var bound = new io.netty.bootstrap.Bootstrap()
                .group(clients)
                .channel(NioDatagramChannel.class)
                .handler(new io.netty.channel.SimpleChannelInboundHandler<io.netty.channel.socket.DatagramPacket>() {
                    @Override
                    protected void channelRead0(
                            ChannelHandlerContext ctx, io.netty.channel.socket.DatagramPacket packet) {
                        received.complete(packet.content().readableBytes());
                    }
                })
                .bind(anyPort());
        await(bound);
        InetSocketAddress to = (InetSocketAddress) bound.channel().localAddress();
        await(bound.channel()
                .writeAndFlush(new io.netty.channel.socket.DatagramPacket(Unpooled.wrappedBuffer(new byte[3]), to)));
        assertThat(received.get(LIMIT_MS, TimeUnit.MILLISECONDS)).isEqualTo(3);
    }

    @ParameterizedTest
    @EnumSource
    void shouldUseNoProcessorTimeWhenIdle(NettyRoute route) throws Exception {
        Channel listener = listen(route, new EchoHandler());
        StreamClient stream = new StreamClient(100_000);
        Channel client = connect(route, listener, stream);
        stream.done.get(LIMIT_MS, TimeUnit.MILLISECONDS);
        // asleep: the loop's thread waits in the system, not in a spin
        Thread[] loop = new Thread[1];
        clients.submit(() -> loop[0] = Thread.currentThread()).get(LIMIT_MS, TimeUnit.MILLISECONDS);
        Awaitility.await().atMost(LIMIT_MS, TimeUnit.MILLISECONDS).until(() -> java.util.Arrays.stream(
                        loop[0].getStackTrace())
                .anyMatch(f ->
                        f.getMethodName().equals("wait") && f.getClassName().startsWith("sun.nio.ch.EPoll")));
        await(client.close());
    }
}
