package org.xenvmc.transport.netty;

import io.netty.channel.ChannelException;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoRegistration;
import io.netty.channel.nio.NioIoHandle;
import io.netty.util.concurrent.ThreadAwareExecutor;
import java.io.IOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.xenvmc.transport.VmcSelectorProvider;

/**
 * Runs an event loop of Netty over shared memory and TCP: {@code new
 * MultiThreadIoEventLoopGroup(VmcIoHandler.newFactory())}, with {@link VmcNettySocketChannel} and {@link
 * VmcNettyServerSocketChannel}. Channels of Netty's NIO transport can be registered as well, datagram channels for
 * instance.
 *
 * <p>Against Netty's NIO transport on our provider it takes ready channels out of the selection as they are found, without
 * sets of keys, and serves what becomes ready at once without a round through the loop's tasks while there are none. A
 * loop spins and sleeps as {@code xenvmc.wait} says.
 *
 * <p>Thread rules are those of {@link IoHandler}: {@link #wakeup} may be called by any thread, everything else is called by
 * the event loop.
 */
public final class VmcIoHandler implements IoHandler {
    private static final System.Logger LOG = System.getLogger(VmcIoHandler.class.getName());

    /** Rounds of one run: then scheduled tasks and the loop's own state are looked at again. */
    private static final int ROUNDS = 32;

    private final ThreadAwareExecutor executor;
    private final Selector selector;
    private final Consumer<SelectionKey> collector = this::collect;

    // what the selection in progress has found
    private VmcRegistration[] found = new VmcRegistration[64];
    private int[] foundOps = new int[64];
    private int foundSize;

    private VmcIoHandler(ThreadAwareExecutor executor, VmcSelectorProvider provider) {
        this.executor = Objects.requireNonNull(executor, "executor");
        try {
            selector = provider.openSelector();
        } catch (IOException e) {
            throw new ChannelException("cannot open a selector", e);
        }
    }

    /**
     * Makes handlers for the program's default selector provider if that is ours, else for one configured by system
     * properties.
     */
    public static IoHandlerFactory newFactory() {
        return executor -> new VmcIoHandler(executor, DefaultProvider.get());
    }

    /** Makes handlers for the channels of this provider. */
    public static IoHandlerFactory newFactory(VmcSelectorProvider provider) {
        Objects.requireNonNull(provider, "provider");
        return executor -> new VmcIoHandler(executor, provider);
    }

    @Override
    public boolean isCompatible(Class<? extends IoHandle> handleType) {
        return NioIoHandle.class.isAssignableFrom(handleType);
    }

    @Override
    public IoRegistration register(IoHandle handle) throws IOException {
        if (!(handle instanceof NioIoHandle)) {
            throw new IllegalArgumentException(
                    handle.getClass().getName() + " is not a " + NioIoHandle.class.getName());
        }
        VmcRegistration registration = register((NioIoHandle) handle);
        handle.registered();
        return registration;
    }

    private VmcRegistration register(NioIoHandle handle) throws IOException {
        try {
            return new VmcRegistration(handle, selector);
        } catch (CancelledKeyException e) {
            // it was deregistered from this very loop; a selection removes the old key (what it finds, the next one
            // does too)
            selector.selectNow(key -> {});
            return new VmcRegistration(handle, selector);
        }
    }

    // -- running

    @Override
    public int run(IoHandlerContext context) {
        int handled = 0;
        try {
            for (int round = 0; round < ROUNDS; round++) {
                boolean mayWait = context.canBlock();
                if (round > 0 && !mayWait) {
                    break; // tasks first
                }
                find(context, mayWait);
                if (foundSize == 0) {
                    break;
                }
                handled += handleFound(context);
            }
        } catch (IOException e) {
            pauseAfter(e);
        }
        return handled;
    }

    private void find(IoHandlerContext context, boolean mayWait) throws IOException {
        if (!mayWait) {
            selector.selectNow(collector);
            return;
        }
        long delayNs = context.delayNanos(System.nanoTime());
        if (delayNs == Long.MAX_VALUE) {
            selector.select(collector);
        } else if (delayNs <= 0) {
            selector.selectNow(collector);
        } else {
            selector.select(collector, roundedUpMs(delayNs));
        }
        if (foundSize == 0) {
            Thread.interrupted(); // an interrupt was meant for a handler, and would keep us from sleeping
        }
    }

    private static long roundedUpMs(long ns) {
        return TimeUnit.NANOSECONDS.toMillis(ns - 1) + 1;
    }

    /** Channels are served after the selection, because they may register others. */
    private void collect(SelectionKey key) {
        if (foundSize == found.length) {
            found = Arrays.copyOf(found, foundSize * 2);
            foundOps = Arrays.copyOf(foundOps, foundSize * 2);
        }
        found[foundSize] = (VmcRegistration) key.attachment();
        foundOps[foundSize++] = key.readyOps();
    }

    private int handleFound(IoHandlerContext context) {
        boolean timed = context.shouldReportActiveIoTime();
        long startNs = timed ? System.nanoTime() : 0;
        int count = foundSize;
        for (int i = 0; i < count; i++) {
            VmcRegistration registration = found[i];
            found[i] = null;
            handle(registration, foundOps[i]);
        }
        foundSize = 0;
        if (timed) {
            context.reportActiveIoTime(System.nanoTime() - startNs);
        }
        return count;
    }

    /** One channel's failure is no reason to forget the others. */
    private static void handle(VmcRegistration registration, int readyOps) {
        try {
            registration.handle(readyOps);
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "unexpected exception while serving a channel", e);
        }
    }

    /** The selector is out of order: a loop that cannot be ended from here must not take all of the processor. */
    private void pauseAfter(IOException e) {
        foundSize = 0;
        LOG.log(System.Logger.Level.WARNING, "unexpected exception in the selector of an event loop", e);
        try {
            Thread.sleep(TimeUnit.SECONDS.toMillis(1));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends the wait of the event loop, or else its next one. Any thread. */
    @Override
    public void wakeup() {
        if (!executor.isExecutorThread(Thread.currentThread())) {
            selector.wakeup();
        }
    }

    // -- the end

    @Override
    public void prepareToDestroy() {
        List<VmcRegistration> all = new ArrayList<>();
        for (SelectionKey key : selector.keys()) {
            all.add((VmcRegistration) key.attachment());
        }
        all.forEach(VmcRegistration::close);
    }

    @Override
    public void destroy() {
        try {
            selector.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "closing the selector of an event loop", e);
        }
    }
}
