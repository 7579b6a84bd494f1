package org.xenvmc.shm.connection;

import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.xenvmc.shm.provider.GrantTable;
import org.xenvmc.shm.provider.Member;
import org.xenvmc.transport.VmcContext;

/** One entry of VMs[]: a VM of this host, what is lent to it and by it, and the connections with it. */
final class Vm {
    private final Member member;
    private final RingPool pool;
    private final PeerMappings mappings;
    private final Outbox outbox;
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();

    Vm(VmcContext context, GrantTable grants, Member member, Outbox.Timer timer) {
        this.member = member;
        this.pool = new RingPool(context, grants, member);
        this.outbox = new Outbox(member, timer);
        this.mappings = new PeerMappings(grants, member.id().domId());
    }

    /** Sends a control message, later if the mailbox is full now. Manager's thread only. */
    void send(int type, ByteBuffer message) {
        outbox.send(type, message);
    }

    Member member() {
        return member;
    }

    RingPool pool() {
        return pool;
    }

    PeerMappings mappings() {
        return mappings;
    }

    Set<Connection> connections() {
        return connections;
    }

    void close() {
        pool.close();
        mappings.close();
    }
}
