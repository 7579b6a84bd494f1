package org.xenvmc.shm.ring;

import java.io.IOException;

/** The other end of a ring published something that no honest end publishes. The connection must be aborted. */
public final class RingViolation extends IOException {
    private static final long serialVersionUID = 1L;

    RingViolation(String what) {
        super("ring violation by the peer: " + what);
    }
}
