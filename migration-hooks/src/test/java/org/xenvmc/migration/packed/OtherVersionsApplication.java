package org.xenvmc.migration.packed;

import com.sun.jna.Function;
import com.sun.jna.Native;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.util.Version;
import java.lang.reflect.Field;
import org.agrona.concurrent.UnsafeBuffer;
import org.xenvmc.transport.spi.ImplementationLoader;

/** An application that brings other versions of Netty, Agrona and JNA, uses them, and says what it got. */
final class OtherVersionsApplication {
    private OtherVersionsApplication() {}

    public static void main(String[] args) throws Exception {
        report("before", OtherVersionsApplication.class.getClassLoader());
        useThem();
        EchoOverTheLibrary.run();
        useThem();
        report("after", OtherVersionsApplication.class.getClassLoader());
        report("library", ImplementationLoader.get());
    }

    private static void report(String when, ClassLoader loader) throws Exception {
        Field jna = Class.forName(Native.class.getName(), true, loader).getField("VERSION");
        jna.setAccessible(true); // read at run time: the compiler would put the constant of its own version here
        System.out.println(when + " jna=" + jna.get(null));
        Object netty = Class.forName(Version.class.getName(), true, loader)
                .getMethod("identify", ClassLoader.class)
                .invoke(null, loader);
        System.out.println(when + " netty=" + netty);
    }

    /** Things that take native code, threads and unsafe memory. */
    @SuppressWarnings("deprecation") // NioEventLoopGroup is what Netty 4.1 and 4.2 both have
    private static void useThem() throws InterruptedException {
        UnsafeBuffer buffer = new UnsafeBuffer(new byte[64]); // Agrona 2.x needs a JVM flag for it, 1.x does not
        buffer.putLongOrdered(8, 42);
        int pid = Function.getFunction("c", "getpid").invokeInt(new Object[0]);
        System.out.println("pid agrees=" + (pid == ProcessHandle.current().pid() && buffer.getLongVolatile(8) == 42));

        EventLoopGroup group = new NioEventLoopGroup(1);
        try {
            Channel channel = new Bootstrap()
                    .group(group)
                    .channel(NioDatagramChannel.class)
                    .handler(new ChannelInboundHandlerAdapter() {
                        @Override
                        public void channelActive(ChannelHandlerContext context) {
                            System.out.println("event loop runs=" + new LocalAddress("x").id());
                        }
                    })
                    .bind(0)
                    .sync()
                    .channel();
            channel.close().sync();
        } finally {
            group.shutdownGracefully(0, 1, java.util.concurrent.TimeUnit.SECONDS)
                    .sync();
        }
    }
}
