package org.xenvmc.shm.file;

import java.lang.invoke.VarHandle;
import java.lang.ref.Reference;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;
import org.xenvmc.shm.mailbox.MailboxWriter;
import org.xenvmc.shm.provider.HostMembership;
import org.xenvmc.shm.provider.Member;
import org.xenvmc.transport.VmId;

/**
 * A VM as its entry ({@link VmEntryDescriptor}) describes it, wherever the entry lies. Safe at any time: after the VM
 * left, or this one did, every call returns at once and does nothing. Subclasses keep the entry's memory valid as long
 * as they are reachable.
 */
public abstract class EntryMember implements Member {
    private final VmId id;
    private final VmIdentity identity;
    private final List<String> addresses;
    private final SignalBitmap signals;
    private final PortBitmap ports;
    private final MailboxWriter mailbox;
    private volatile boolean alive = true;

    /**
     * A member.
     *
     * @param domId its number on the host
     * @param identity what its entry says, checked
     * @param signals its signals
     * @param ports its ports
     * @param mailbox its mailbox's memory
     */
    protected EntryMember(int domId, VmIdentity identity, SignalBitmap signals, PortBitmap ports, ByteBuffer mailbox) {
        this.addresses =
                identity.addresses().stream().map(InetAddress::getHostAddress).toList();
        this.id = new VmId(addresses.get(0), domId);
        this.identity = identity;
        this.signals = signals;
        this.ports = ports;
        this.mailbox = new MailboxWriter(mailbox);
    }

    /** A message was put into the mailbox and marked: has the VM look. Must not block. */
    protected abstract void mailed();

    /** A signal was marked: has the VM look. Must not block. */
    protected abstract void marked();

    /** From now on it is not a member; returns whether it was. */
    public synchronized boolean end() {
        boolean was = alive;
        alive = false;
        return was;
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
        // also when it was refused: the mailbox may be blocked or damaged, and its owner repairs it when it looks
        VarHandle.fullFence(); // the message comes before the mark, which may be found set
        signals.setMail();
        mailed();
        Reference.reachabilityFence(this);
        return sent && alive;
    }

    @Override
    public void signal(int connection) {
        // the number was chosen by the VM that is signalled: one that is none costs that VM its signals, and us nothing
        if (alive && connection >= 0 && connection < VmEntryDescriptor.CONNECTIONS) {
            VarHandle.fullFence(); // what is signalled comes before the mark, which may be found set
            signals.set(connection);
            marked();
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public boolean listensOn(int port) {
        boolean listens = alive && ports.get(port);
        Reference.reachabilityFence(this);
        return listens;
    }

    @Override
    public List<Integer> ports() {
        List<Integer> all = alive ? ports.all() : List.of();
        Reference.reachabilityFence(this);
        return all;
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
