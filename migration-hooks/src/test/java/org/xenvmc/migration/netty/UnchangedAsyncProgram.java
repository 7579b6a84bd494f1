package org.xenvmc.migration.netty;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.nio.channels.spi.SelectorProvider;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.xenvmc.transport.VmcSelectorProvider;

/** A program that knows only the JDK's asynchronous channels, in the default group. */
final class UnchangedAsyncProgram {
    private static final int ANSWERS = 1000;
    private static final long LIMIT_NS = 20_000_000_000L;

    private UnchangedAsyncProgram() {}

    public static void main(String[] args) throws Exception {
        AsynchronousServerSocketChannel listener =
                AsynchronousServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        System.out.println("provider " + listener.provider().getClass().getName());
        listener.accept(null, new CompletionHandler<AsynchronousSocketChannel, Void>() {
            @Override
            public void completed(AsynchronousSocketChannel channel, Void a) {
                echo(channel, ByteBuffer.allocate(1));
            }

            @Override
            public void failed(Throwable failure, Void a) {
                failure.printStackTrace(System.out);
            }
        });
        AsynchronousSocketChannel client = AsynchronousSocketChannel.open();
        client.connect(listener.getLocalAddress()).get(10, TimeUnit.SECONDS);
        CompletableFuture<Thread> handled = new CompletableFuture<>();
        ByteBuffer b = ByteBuffer.allocate(1);
        long startNs = System.nanoTime();
        for (int i = 0; i < ANSWERS || !PathReport.allOnSharedMemory() && System.nanoTime() - startNs < LIMIT_NS; i++) {
            client.write(b.clear()).get(10, TimeUnit.SECONDS);
            client.read(b.clear()).get(10, TimeUnit.SECONDS);
        }
        client.write(b.clear(), handled, new CompletionHandler<Integer, CompletableFuture<Thread>>() {
            @Override
            public void completed(Integer n, CompletableFuture<Thread> done) {
                done.complete(Thread.currentThread());
            }

            @Override
            public void failed(Throwable failure, CompletableFuture<Thread> done) {
                done.completeExceptionally(failure);
            }
        });
        if (handled.get(10, TimeUnit.SECONDS).isDaemon()) {
            System.out.println("default group"); // its threads do not keep the program from ending
        }
        System.out.println("all answered");
        ((VmcSelectorProvider) SelectorProvider.provider())
                .engine()
                .connections()
                .forEach(c -> System.out.println(
                        "path " + c.sending().path() + " " + c.receiving().path()));
    }

    private static void echo(AsynchronousSocketChannel channel, ByteBuffer b) {
        channel.read(b.clear(), b, new CompletionHandler<Integer, ByteBuffer>() {
            private boolean reading = true;

            @Override
            public void completed(Integer n, ByteBuffer same) {
                if (n < 0) {
                    return;
                }
                reading = !reading;
                if (reading) {
                    channel.read(same.clear(), same, this);
                } else {
                    channel.write(same.flip(), same, this);
                }
            }

            @Override
            public void failed(Throwable failure, ByteBuffer same) {
                // the program ends
            }
        });
    }
}
