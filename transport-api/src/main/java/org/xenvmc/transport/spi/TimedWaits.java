package org.xenvmc.transport.spi;

import java.nio.channels.SocketChannel;
import java.util.Objects;

/** Where the engine finds the cheap way to wait with a limit, if there is one. */
public final class TimedWaits {
    private static volatile TimedWait installed;
    private static volatile Class<?> channels;

    private TimedWaits() {}

    /**
     * Called by the agent, before the first channel.
     *
     * @param type the class of channels that it can wait for
     */
    public static void install(Class<?> type, TimedWait wait) {
        channels = Objects.requireNonNull(type, "type");
        installed = Objects.requireNonNull(wait, "wait");
    }

    /** A way to wait for this channel; null when there is none. */
    public static TimedWait of(SocketChannel channel) {
        TimedWait wait = installed;
        return wait != null && channels.isInstance(channel) ? wait : null;
    }
}
