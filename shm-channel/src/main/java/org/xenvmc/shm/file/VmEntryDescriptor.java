package org.xenvmc.shm.file;

import org.xenvmc.shm.mailbox.MailboxDescriptor;

/**
 * Layout of a VM's entry in the co-residency table: the file {@code vm-<domId>}, mapped by every member of the host.
 * All numbers are little endian.
 *
 * <pre>
 *        0 +---------------------------------------------------------------+
 *          | identity: written by the owner before the file gets its name  |
 *          |    0 magic (8)      8 version (4)     12 size of the file (4) |
 *          |   16 uuid high (8) 24 uuid low (8)    32 pid (8)              |
 *          |   40 network namespace, inode (8)     48 epoch of the host (8)|
 *          |   56 flags (4), 1: tool               60 state (4)            |
 *          |   64 number of addresses (4)          68 bytes of label (4)   |
 *          |  128 network label, UTF-8 (256)                               |
 *          |  384 addresses, 64 times: bytes (4, 4 or 16), 0 (4), bytes(16)|
 *     4096 +---------------------------------------------------------------+
 *          | bell (4): 0 awake, 1 asleep, 2 polled                         |
 *     4224 | top signal word (8): bits 0 to 15 groups, bit 63 mailbox      |
 *     4352 | mid signal words (16 times 8): bit per leaf word              |
 *     8192 +---------------------------------------------------------------+
 *          | leaf signal words (1,024 times 8): bit per connection         |
 *    16384 +---------------------------------------------------------------+
 *          | listening ports (1,024 times 8): bit per TCP port             |
 *    24576 +---------------------------------------------------------------+
 *          | mailbox: 256 KiB of records, trailer (768)                    |
 *   290816 +---------------------------------------------------------------+
 * </pre>
 */
public final class VmEntryDescriptor {
    /** "XENVMCVM", read as little endian; written last. */
    public static final long MAGIC = 0x4D56434D564E4558L;

    private static final int PAGE = 4096;
    private static final int LINES = 128;

    public static final int MAGIC_OFFSET = 0;
    public static final int VERSION_OFFSET = MAGIC_OFFSET + Long.BYTES;
    public static final int SIZE_OFFSET = VERSION_OFFSET + Integer.BYTES;
    public static final int UUID_HIGH_OFFSET = SIZE_OFFSET + Integer.BYTES;
    public static final int UUID_LOW_OFFSET = UUID_HIGH_OFFSET + Long.BYTES;
    public static final int PID_OFFSET = UUID_LOW_OFFSET + Long.BYTES;
    public static final int NAMESPACE_OFFSET = PID_OFFSET + Long.BYTES;
    public static final int EPOCH_OFFSET = NAMESPACE_OFFSET + Long.BYTES;
    public static final int FLAGS_OFFSET = EPOCH_OFFSET + Long.BYTES;
    public static final int STATE_OFFSET = FLAGS_OFFSET + Integer.BYTES;
    public static final int ADDRESS_COUNT_OFFSET = STATE_OFFSET + Integer.BYTES;
    public static final int LABEL_LENGTH_OFFSET = ADDRESS_COUNT_OFFSET + Integer.BYTES;
    public static final int LABEL_OFFSET = LINES;
    public static final int LABEL_MAX_BYTES = 256;
    public static final int ADDRESSES_OFFSET = LABEL_OFFSET + LABEL_MAX_BYTES;
    public static final int ADDRESS_LENGTH_BYTES = 2 * Integer.BYTES;
    public static final int ADDRESS_ENTRY_BYTES = ADDRESS_LENGTH_BYTES + 16;
    public static final int MAX_ADDRESSES = 64;
    public static final int IDENTITY_BYTES = PAGE;

    public static final int FLAG_TOOL = 1;
    public static final int STATE_MEMBER = 1;
    public static final int STATE_LEFT = 2;

    public static final int BELL_OFFSET = IDENTITY_BYTES;
    public static final int TOP_OFFSET = BELL_OFFSET + LINES;
    public static final int MID_OFFSET = TOP_OFFSET + LINES;
    public static final int LEAF_OFFSET = BELL_OFFSET + PAGE;

    public static final int CONNECTIONS = 1 << 16;
    public static final int LEAF_BYTES = CONNECTIONS / Byte.SIZE;
    public static final int PORTS_OFFSET = LEAF_OFFSET + LEAF_BYTES;
    public static final int PORTS = 1 << 16;
    public static final int PORTS_BYTES = PORTS / Byte.SIZE;

    public static final int MAILBOX_OFFSET = PORTS_OFFSET + PORTS_BYTES;
    public static final int MAILBOX_BYTES = 256 * 1024 + MailboxDescriptor.TRAILER_BYTES;

    /** Size of the file. */
    public static final int ENTRY_BYTES = (MAILBOX_OFFSET + MAILBOX_BYTES + PAGE - 1) & -PAGE;

    private VmEntryDescriptor() {}
}
