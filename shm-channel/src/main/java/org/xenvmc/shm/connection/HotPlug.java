package org.xenvmc.shm.connection;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.xenvmc.shm.provider.HostMembership;
import org.xenvmc.transport.ReasonCode;

/** What is special about a host whose memory comes and goes at run time. Manager's thread only. */
final class HotPlug {
    private static final Logger LOG = System.getLogger(HotPlug.class.getName());
    private static final long LOOK_MS = 1_000;
    private static final long PREPARE_MS = 250;

    private final ShmConnectionManager manager;
    /** The host that is looked for, or null. */
    private String awaited;

    HotPlug(ShmConnectionManager manager) {
        this.manager = manager;
    }

    /** From now on the host is looked for until it is there, or the VM is told to leave or to join. */
    void await(String host) {
        awaited = host;
        manager.schedule(() -> look(host), LOOK_MS);
    }

    void forget() {
        awaited = null;
    }

    /** A host could not be joined: some obstacles pass by themselves. */
    void notJoined(String host, ReasonCode why) {
        if (why == ReasonCode.NO_DEVICE || why == ReasonCode.REGION_FULL) {
            await(host);
        }
    }

    private void look(String host) {
        if (manager.membership() != null || !host.equals(awaited)) {
            return;
        }
        try {
            manager.join(host);
            LOG.log(
                    Level.INFO,
                    "{0} is there (again): joined it as VM {1}",
                    host,
                    manager.membership().self());
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "not yet: {0}", e.getMessage());
            if (awaited == null) {
                await(host); // it is there, and not ready: whoever owns it may be about to change that
            }
        }
    }

    /** A host was joined. */
    void joined(HostMembership membership) {
        forget();
        if (membership.withdrawable()) {
            prepareForLoss(membership);
        }
    }

    private void prepareForLoss(HostMembership membership) {
        if (manager.membership() == membership) {
            manager.all().forEach(c -> c.stream().prepareForLoss());
            manager.schedule(() -> prepareForLoss(membership), PREPARE_MS);
        }
    }
}
