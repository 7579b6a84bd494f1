package org.xenvmc.transport.async;

import java.io.IOException;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.IllegalChannelGroupException;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.nio.channels.spi.SelectorProvider;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadFactory;
import org.xenvmc.transport.VmcSelectorProvider;

/**
 * Makes asynchronous channels whose bytes travel through shared memory while both ends run on one host, and over TCP
 * while they do not. For a whole program: {@code
 * -Djava.nio.channels.spi.AsynchronousChannelProvider=org.xenvmc.transport.async.VmcAsynchronousChannelProvider}; or
 * by handing this to {@code AsynchronousChannelGroup}'s channels, or by calling {@code open...} here.
 *
 * <p>The contract is that of {@link java.nio.channels.AsynchronousSocketChannel} and its relatives; where it leaves
 * something open, these channels do what the JDK's do. All methods may be called by any thread.
 */
public final class VmcAsynchronousChannelProvider extends AsynchronousChannelProvider {
    private final VmcSelectorProvider channels;
    private VmcAsynchronousChannelGroup defaultGroup; // guarded by this

    /**
     * A provider on top of the program's default selector provider if that is ours (then both are one VM), else on one of
     * its own, configured by system properties.
     *
     * @throws IllegalArgumentException naming the property that is wrong
     */
    public VmcAsynchronousChannelProvider() {
        this(defaultChannels());
    }

    /** A provider whose connections belong to the VM of this selector provider. */
    public VmcAsynchronousChannelProvider(VmcSelectorProvider channels) {
        this.channels = Objects.requireNonNull(channels, "channels");
    }

    private static VmcSelectorProvider defaultChannels() {
        SelectorProvider provider = SelectorProvider.provider();
        return provider instanceof VmcSelectorProvider ? (VmcSelectorProvider) provider : new VmcSelectorProvider();
    }

    /** What makes the channels below. */
    public VmcSelectorProvider channels() {
        return channels;
    }

    @Override
    public AsynchronousChannelGroup openAsynchronousChannelGroup(int threads, ThreadFactory factory)
            throws IOException {
        return VmcAsynchronousChannelGroup.start(this, GroupPool.fixed(threads, factory));
    }

    @Override
    public AsynchronousChannelGroup openAsynchronousChannelGroup(ExecutorService executor, int initialSize)
            throws IOException {
        return VmcAsynchronousChannelGroup.start(this, GroupPool.of(executor, initialSize));
    }

    @Override
    public AsynchronousSocketChannel openAsynchronousSocketChannel(AsynchronousChannelGroup group) throws IOException {
        return VmcAsynchronousSocketChannel.open(ours(group));
    }

    @Override
    public AsynchronousServerSocketChannel openAsynchronousServerSocketChannel(AsynchronousChannelGroup group)
            throws IOException {
        return VmcAsynchronousServerSocketChannel.open(ours(group));
    }

    private VmcAsynchronousChannelGroup ours(AsynchronousChannelGroup group) throws IOException {
        if (group == null) {
            return defaultGroup();
        }
        if (!(group instanceof VmcAsynchronousChannelGroup)) {
            throw new IllegalChannelGroupException();
        }
        return (VmcAsynchronousChannelGroup) group;
    }

    private synchronized VmcAsynchronousChannelGroup defaultGroup() throws IOException {
        if (defaultGroup == null) {
            defaultGroup = VmcAsynchronousChannelGroup.start(this, GroupPool.ofSystemProperties());
        }
        return defaultGroup;
    }
}
