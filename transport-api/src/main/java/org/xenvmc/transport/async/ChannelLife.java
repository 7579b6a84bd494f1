package org.xenvmc.transport.async;

import java.io.IOException;
import java.nio.channels.Channel;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The end of a channel: what waits fails, and the channel leaves its group only when the last operation has been handed to
 * its handler, because with the last channel the group's threads may end. Thread-safe.
 */
final class ChannelLife {
    private final GroupChannel owner;
    private final Channel below;
    private final Registration registration;
    private final Lane[] lanes;
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile boolean swept;

    ChannelLife(GroupChannel owner, Channel below, Registration registration, Lane... lanes) {
        this.owner = owner;
        this.below = below;
        this.registration = registration;
        this.lanes = lanes;
    }

    boolean isOpen() {
        return !closed.get();
    }

    void close() throws IOException {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try {
            below.close();
        } finally {
            registration.closed();
            for (Lane lane : lanes) {
                lane.closed();
            }
            swept = true; // before looking at the lanes; a lane's last operation leaves and looks at this
            leaveGroupIfQuiet();
        }
    }

    /** An operation is through. */
    void leaveGroupIfQuiet() {
        if (!swept) {
            return;
        }
        for (Lane lane : lanes) {
            if (lane.isActive()) {
                return;
            }
        }
        owner.group().remove(owner);
    }
}
