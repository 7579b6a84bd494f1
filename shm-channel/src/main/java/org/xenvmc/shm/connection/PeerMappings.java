package org.xenvmc.shm.connection;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import org.xenvmc.shm.provider.GrantRef;
import org.xenvmc.shm.provider.GrantTable;
import org.xenvmc.shm.provider.Mapping;
import org.xenvmc.shm.provider.ProviderException;
import org.xenvmc.shm.ring.RingLayout;
import org.xenvmc.transport.ReasonCode;

/** What one peer has granted to this VM and this VM has mapped, with the number of rings in use of each. Thread-safe. */
final class PeerMappings {
    private static final class Mapped {
        final Mapping mapping;
        int uses;
        boolean revoked;

        Mapped(Mapping mapping) {
            this.mapping = mapping;
        }
    }

    private final GrantTable grants;
    private final int ownerDomId;
    private final Map<Integer, Mapped> byNumber = new HashMap<>();
    private boolean closed;

    PeerMappings(GrantTable grants, int ownerDomId) {
        this.grants = grants;
        this.ownerDomId = ownerDomId;
    }

    /** Maps the grant of a ring, if it is not mapped, after checking the numbers that the peer sent. */
    synchronized Mapping use(Message.RingRef ring) throws ProviderException {
        boolean sane = Integer.bitCount(ring.capacity()) == 1
                && ring.capacity() >= 4096
                && ring.capacity() <= 1 << 26
                && ring.offset() >= 0
                && (ring.offset() & 4095) == 0
                && (long) ring.offset() + RingLayout.ringBytes(ring.capacity()) <= ring.grantBytes();
        if (!sane) {
            throw new ProviderException(ReasonCode.GRANT_FAILED, "VM " + ownerDomId + " offers " + ring, null);
        }
        Mapped m = byNumber.get(ring.grant());
        if (m == null) {
            GrantRef ref = ring.grantRef(ownerDomId);
            m = new Mapped(grants.map(ref));
            byNumber.put(ring.grant(), m);
        } else if (m.mapping.buffer().capacity() != ring.grantBytes()) {
            throw new ProviderException(
                    ReasonCode.GRANT_FAILED, "VM " + ownerDomId + " offers " + ring + " of another size", null);
        }
        m.uses++;
        return m.mapping;
    }

    /** One ring of the grant is not used any more. */
    synchronized void unuse(int grant) {
        Mapped m = byNumber.get(grant);
        if (m != null) {
            m.uses--;
            unmapIfDone(grant, m);
        }
    }

    /** The owner has revoked the grant. */
    synchronized void revoked(int grant) {
        Mapped m = byNumber.get(grant);
        if (m != null) {
            m.revoked = true;
            unmapIfDone(grant, m);
        }
    }

    private void unmapIfDone(int grant, Mapped m) {
        if (m.uses == 0 && (m.revoked || closed)) {
            byNumber.remove(grant);
            m.mapping.unmap();
        }
    }

    /** The owner is gone, or this VM leaves: unmaps everything as soon as it is not in use. */
    synchronized void close() {
        closed = true;
        for (Iterator<Mapped> i = byNumber.values().iterator(); i.hasNext(); ) {
            Mapped m = i.next();
            if (m.uses == 0) {
                i.remove();
                m.mapping.unmap();
            }
        }
    }
}
