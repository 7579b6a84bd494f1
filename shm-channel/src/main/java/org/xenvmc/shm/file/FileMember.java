package org.xenvmc.shm.file;

/**
 * A VM whose entry is a file. A call that is under way when either of the two VMs leaves ends in private memory (see
 * {@link VmEntry}).
 */
final class FileMember extends EntryMember {
    private final VmEntry entry;

    FileMember(int domId, VmIdentity identity, VmEntry entry) {
        super(domId, identity, entry.signals, entry.ports, entry.mailbox);
        this.entry = entry;
    }

    VmEntry entry() {
        return entry;
    }

    @Override
    protected void mailed() {
        entry.bell.ring();
    }

    @Override
    protected void marked() {
        entry.bell.ring();
    }
}
