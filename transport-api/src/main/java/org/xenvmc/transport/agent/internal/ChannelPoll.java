package org.xenvmc.transport.agent.internal;

import java.io.FileDescriptor;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.xenvmc.transport.spi.TimedWait;
import org.xenvmc.transport.spi.TimedWaits;

/** The steps of a blocked read of {@code sun.nio.ch.SocketChannelImpl}, with {@code poll(2)} in the place of {@code read(2)}. */
final class ChannelPoll implements TimedWait {
    // constants, so that the compiler sees through them
    private static final Class<?> CHANNEL;
    private static final MethodHandle READ_LOCK;
    private static final MethodHandle BEGIN;
    private static final MethodHandle END;
    private static final MethodHandle DESCRIPTOR;
    private static final MethodHandle POLL;
    private static final int POLLIN;

    static {
        try {
            CHANNEL = Class.forName("sun.nio.ch.SocketChannelImpl");
            MethodHandles.Lookup channel = MethodHandles.privateLookupIn(CHANNEL, MethodHandles.lookup());
            READ_LOCK = channel.findGetter(CHANNEL, "readLock", ReentrantLock.class)
                    .asType(MethodType.methodType(ReentrantLock.class, SocketChannel.class));
            BEGIN = channel.findVirtual(CHANNEL, "beginRead", MethodType.methodType(void.class, boolean.class))
                    .asType(MethodType.methodType(void.class, SocketChannel.class, boolean.class));
            END = channel.findVirtual(
                            CHANNEL, "endRead", MethodType.methodType(void.class, boolean.class, boolean.class))
                    .asType(MethodType.methodType(void.class, SocketChannel.class, boolean.class, boolean.class));
            DESCRIPTOR = channel.findVirtual(CHANNEL, "getFD", MethodType.methodType(FileDescriptor.class))
                    .asType(MethodType.methodType(FileDescriptor.class, SocketChannel.class));
            Class<?> net = Class.forName("sun.nio.ch.Net");
            POLL = MethodHandles.privateLookupIn(net, MethodHandles.lookup())
                    .findStatic(
                            net, "poll", MethodType.methodType(int.class, FileDescriptor.class, int.class, long.class));
            POLLIN = net.getField("POLLIN").getShort(null);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private ChannelPoll() {}

    /** Fails when the JDK is not as expected. */
    static void install() {
        TimedWaits.install(CHANNEL, new ChannelPoll());
    }

    @Override
    public boolean awaitReadable(SocketChannel channel, long timeoutNs) throws IOException {
        try {
            ReentrantLock lock = (ReentrantLock) READ_LOCK.invokeExact(channel);
            lock.lock();
            try {
                return channel.isBlocking() && poll(channel, timeoutNs); // the mode changes under this lock only
            } finally {
                lock.unlock();
            }
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e); // none of them declares another
        }
    }

    private static boolean poll(SocketChannel channel, long timeoutNs) throws Throwable {
        boolean readable = false;
        try {
            BEGIN.invokeExact(channel, true); // if it fails, half of it is done
            FileDescriptor descriptor = (FileDescriptor) DESCRIPTOR.invokeExact(channel);
            int events = (int) POLL.invokeExact(descriptor, POLLIN, roundedUpMs(timeoutNs));
            readable = events != 0;
        } finally {
            END.invokeExact(channel, true, readable);
        }
        return readable;
    }

    private static long roundedUpMs(long ns) {
        long ms = TimeUnit.NANOSECONDS.toMillis(ns);
        return Math.min(Integer.MAX_VALUE, ms + (TimeUnit.MILLISECONDS.toNanos(ms) < ns ? 1 : 0));
    }
}
