package org.xenvmc.transport;

import java.nio.channels.SelectableChannel;
import java.nio.channels.spi.AbstractSelectableChannel;

/** What lies below a channel. */
final class Layers {
    private Layers() {}

    /** The channel that the JDK's selector watches: below ours, or the channel itself. */
    static SelectableChannel below(AbstractSelectableChannel channel) {
        if (channel instanceof VmcSocketChannel) {
            return ((VmcSocketChannel) channel).below();
        }
        if (channel instanceof VmcServerSocketChannel) {
            return ((VmcServerSocketChannel) channel).below();
        }
        return channel;
    }

    /** Whether the channel is one that the JDK's selector watches itself. */
    static boolean isOfTheJdk(SelectableChannel channel) {
        return !(channel instanceof VmcSocketChannel) && !(channel instanceof VmcServerSocketChannel);
    }

    /** The list that a channel of ours keeps of its keys, or null. */
    static KeyList keyList(AbstractSelectableChannel channel) {
        if (channel instanceof VmcSocketChannel) {
            return ((VmcSocketChannel) channel).keyList();
        }
        if (channel instanceof VmcServerSocketChannel) {
            return ((VmcServerSocketChannel) channel).keyList();
        }
        return null;
    }
}
