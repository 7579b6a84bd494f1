package org.xenvmc.transport.netty;

import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.nio.NioIoHandle;
import io.netty.channel.nio.NioIoOps;
import java.io.IOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.concurrent.atomic.AtomicBoolean;

/** One channel of one event loop. Any thread may call the public methods. */
final class VmcRegistration implements IoRegistration {
    private static final System.Logger LOG = System.getLogger(VmcRegistration.class.getName());

    private final NioIoHandle handle;
    private final SelectionKey key;
    private final AtomicBoolean cancelled = new AtomicBoolean();

    VmcRegistration(NioIoHandle handle, Selector selector) throws IOException {
        this.handle = handle;
        key = handle.selectableChannel().register(selector, NioIoOps.NONE.value(), this);
    }

    /** The key of the selector, as Netty's NIO channels expect it. */
    @SuppressWarnings("unchecked")
    @Override
    public <T> T attachment() {
        return (T) key;
    }

    @Override
    public long submit(IoOps ops) {
        int wanted = ((NioIoOps) ops).value();
        if (!isValid()) {
            return -1;
        }
        try {
            key.interestOps(wanted);
            return wanted;
        } catch (CancelledKeyException e) {
            return -1; // closed just now
        }
    }

    @Override
    public boolean isValid() {
        return !cancelled.get() && key.isValid();
    }

    @Override
    public boolean cancel() {
        if (!cancelled.compareAndSet(false, true)) {
            return false;
        }
        key.cancel();
        handle.unregistered();
        return true;
    }

    // -- the event loop only

    /** Lets the channel do what it is ready for. */
    void handle(int readyOps) {
        if (isValid()) {
            handle.handle(this, ReadyEvents.of(readyOps));
        } else {
            closeHandle();
        }
    }

    /** The event loop ends. */
    void close() {
        cancel();
        closeHandle();
    }

    private void closeHandle() {
        try {
            handle.close();
        } catch (Exception e) { // as declared
            LOG.log(System.Logger.Level.DEBUG, "closing " + handle, e);
        }
    }
}
