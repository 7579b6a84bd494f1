package org.xenvmc.shm.ivshmem;

import java.lang.invoke.VarHandle;
import java.lang.ref.Reference;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;
import org.xenvmc.shm.file.VmEntryDescriptor;
import org.xenvmc.shm.file.VmIdentity;
import org.xenvmc.shm.mailbox.MailboxWriter;
import org.xenvmc.shm.provider.HostMembership;
import org.xenvmc.shm.provider.Member;
import org.xenvmc.transport.VmId;

/** A VM as its place describes it. Safe at any time, also after the region was given up (see {@link Region#detach}). */
final class IvshmemMember implements Member {
    private final VmId id;
    private final VmIdentity identity;
    private final List<String> addresses;
    private final long owner;
    private final Place place;
    private final MailboxWriter mailbox;
    private final Runnable hurry;
    private volatile boolean alive = true;

    /** A member; {@code hurry} makes this VM look for the answer to a message soon. */
    IvshmemMember(Place place, long owner, VmIdentity identity, Runnable hurry) {
        this.addresses =
                identity.addresses().stream().map(InetAddress::getHostAddress).toList();
        this.id = new VmId(addresses.get(0), RegionDescriptor.domId(place.number, place.generation()));
        this.identity = identity;
        this.owner = owner;
        this.place = place;
        this.mailbox = new MailboxWriter(place.mailbox);
        this.hurry = hurry;
    }

    long owner() {
        return owner;
    }

    Place place() {
        return place;
    }

    void end() {
        alive = false;
    }

    @Override
    public boolean send(int type, ByteBuffer payload) {
        if (payload.remaining() > HostMembership.MAX_MESSAGE_BYTES) {
            throw new IllegalArgumentException("a control message of " + payload.remaining() + " bytes, of at most "
                    + HostMembership.MAX_MESSAGE_BYTES);
        }
        if (!alive) {
            return false;
        }
        boolean sent = mailbox.write(type, payload);
        VarHandle.fullFence(); // the message comes before the mark, which may be found set
        place.signals.setMail();
        hurry.run();
        Reference.reachabilityFence(place);
        return sent && alive;
    }

    @Override
    public void signal(int connection) {
        // the number was chosen by the VM that is signalled: one that is none costs that VM its signals, and us nothing
        if (alive && connection >= 0 && connection < VmEntryDescriptor.CONNECTIONS) {
            VarHandle.fullFence(); // what is signalled comes before the mark, which may be found set
            place.signals.set(connection);
            Reference.reachabilityFence(place);
        }
    }

    @Override
    public boolean asleep() {
        return !place.isPolled();
    }

    @Override
    public boolean listensOn(int port) {
        return alive && place.ports.get(port);
    }

    @Override
    public List<Integer> ports() {
        return alive ? place.ports.all() : List.of();
    }

    @Override
    public VmId id() {
        return id;
    }

    @Override
    public UUID uuid() {
        return identity.uuid();
    }

    @Override
    public long pid() {
        return identity.pid();
    }

    @Override
    public long networkNamespace() {
        return identity.networkNamespace();
    }

    @Override
    public String network() {
        return identity.network();
    }

    @Override
    public List<String> addresses() {
        return addresses;
    }

    @Override
    public boolean tool() {
        return identity.tool();
    }

    @Override
    public boolean alive() {
        return alive;
    }

    @Override
    public String toString() {
        return "VM " + id + " (process " + identity.pid() + ")";
    }
}
