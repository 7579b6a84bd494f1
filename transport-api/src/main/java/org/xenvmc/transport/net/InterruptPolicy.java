package org.xenvmc.transport.net;

import java.nio.channels.spi.AbstractInterruptibleChannel;

/**
 * What an interrupt of a thread does that is blocked in a {@code java.net} socket. The JDK's own sockets ignore it in a platform
 * thread and close the socket in a virtual one; the channels below ours close themselves in any thread, and only the agent can
 * teach them otherwise.
 */
public interface InterruptPolicy {
    /** Every interrupt closes the socket, as with channels. All that is possible without the agent. */
    InterruptPolicy AS_CHANNELS = new InterruptPolicy() {
        @Override
        public boolean closes(Thread blocked) {
            return true;
        }

        @Override
        public void apply(AbstractInterruptibleChannel channel, Runnable closeByInterrupt) {
            // the channel closes itself
        }
    };

    /** Whether an interrupt of this thread, while it is blocked, closes the socket. */
    boolean closes(Thread blocked);

    /**
     * Called once for every channel of the JDK that lies below a socket, before its first use.
     *
     * @param closeByInterrupt closes the socket; to be run by the interrupting thread when {@link #closes} says so
     */
    void apply(AbstractInterruptibleChannel channel, Runnable closeByInterrupt);
}
