package org.xenvmc.transport.async;

import java.io.IOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;

/** The channel below with the group's selector, from the first operation on that has to wait. Thread-safe. */
final class Registration {
    private final SelectableChannel below;
    private final GroupChannel owner;
    private volatile SelectionKey key;

    Registration(SelectableChannel below, GroupChannel owner) {
        this.below = below;
        this.owner = owner;
    }

    /** Has the owner told once when the channel below is ready. Does nothing when that is closed: then its closer tells. */
    void arm(int op) {
        try {
            SelectionKey k = key;
            if (k == null) {
                k = register(op);
            }
            k.interestOpsOr(op);
        } catch (CancelledKeyException | ClosedChannelException e) {
            // the thread that closes the channel completes what waits
        } catch (ClosedSelectorException e) {
            closeOwner(); // the group has ended
        }
    }

    private synchronized SelectionKey register(int op) throws ClosedChannelException {
        if (key == null) {
            key = below.register(owner.group().selector(), op, owner);
        }
        return key;
    }

    private void closeOwner() {
        try {
            owner.close();
        } catch (IOException e) {
            System.getLogger(Registration.class.getName())
                    .log(System.Logger.Level.DEBUG, "closing a channel of a group that has ended", e);
        }
    }

    /** The channel below was closed: a selection gives its descriptor back. */
    void closed() {
        if (key != null) {
            Selector selector = owner.group().selector();
            selector.wakeup();
        }
    }
}
