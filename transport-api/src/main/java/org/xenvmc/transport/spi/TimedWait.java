package org.xenvmc.transport.spi;

import java.io.IOException;
import java.nio.channels.SocketChannel;

/**
 * Waits with a limit of time for bytes of a blocking channel of the JDK. No channel can do so by itself, and the JDK's socket
 * adaptor, which can, changes the mode of the descriptor twice for each read: about nine system calls where {@code java.net}'s
 * own sockets make three. The agent, to which the JDK is open, needs two.
 */
@FunctionalInterface
public interface TimedWait {
    /**
     * Waits as a blocked read of this channel does: closing it, shutting its input down, and an interrupt end the wait in the same
     * way. At most one thread reads from the channel at a time. Not for virtual threads.
     *
     * @param channel of the JDK
     * @param timeoutNs how long at most; greater than 0
     * @return true: a read returns at once, with bytes, the end or an error; false: the time is over, or the channel is not
     *     in blocking mode
     * @throws java.nio.channels.ClosedChannelException if the channel is closed, or was closed meanwhile
     */
    boolean awaitReadable(SocketChannel channel, long timeoutNs) throws IOException;
}
