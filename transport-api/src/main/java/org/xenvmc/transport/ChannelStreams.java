package org.xenvmc.transport;

import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channel;

/**
 * Streams over our channels that do what the streams of {@link java.nio.channels.Channels} do over the JDK's own: reading and
 * writing do not wait for each other. Those that the JDK makes for other channels lock the channel's blocking mode, so that a
 * reader waits as long as a writer is blocked. The agent has the JDK make these.
 */
public final class ChannelStreams {
    private ChannelStreams() {}

    /** The input stream of a channel; null when the channel is not ours. Closing it closes the channel. */
    public static InputStream input(Channel channel) {
        return channel instanceof VmcSocketChannel ours ? new VmcSocketInputStream(() -> 0, ours) : null;
    }

    /** The output stream of a channel; null when the channel is not ours. Closing it closes the channel. */
    public static OutputStream output(Channel channel) {
        return channel instanceof VmcSocketChannel ours ? new VmcSocketOutputStream(ours) : null;
    }
}
