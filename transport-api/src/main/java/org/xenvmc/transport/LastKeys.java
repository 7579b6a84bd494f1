package org.xenvmc.transport;

import java.io.IOException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;

/**
 * One more key for each channel of the JDK's that is registered with a selector of ours. The JDK gives the descriptor
 * of a closed channel back when one of its own selectors removes the channel's last key. When a channel is closed
 * during a selection, the JDK's selector removes its key before it returns, and ours is left, which nobody would look
 * at any more. So there is a key that goes after ours: without interest, at a selector that is only used for that, and
 * is made with the first such channel. Thread-safe.
 */
final class LastKeys {
    private volatile Selector selector;

    private synchronized Selector selector() throws IOException {
        if (selector == null) {
            selector = JdkSelectorProvider.get().openSelector();
        }
        return selector;
    }

    /**
     * The key of a channel that is registered; null when ours is closed. Called with the locks of the channel for
     * registration.
     */
    SelectionKey of(SelectableChannel channel) throws IOException {
        try {
            return channel.register(selector(), 0);
        } catch (ClosedSelectorException e) {
            return null;
        }
    }

    /** Removes what is cancelled; a closed channel without other keys gives its descriptor back. */
    void remove() throws IOException {
        Selector s = selector;
        if (s != null) {
            s.selectNow();
        }
    }

    /** Removes all. After the keys of our selector are gone. */
    void close() throws IOException {
        Selector s = selector;
        if (s != null) {
            s.close();
        }
    }
}
