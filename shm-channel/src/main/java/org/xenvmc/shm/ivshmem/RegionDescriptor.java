package org.xenvmc.shm.ivshmem;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.xenvmc.shm.file.VmEntryDescriptor;

/**
 * Layout of an ivshmem region: a header, then places of equal size, one for each VM. All numbers are little endian.
 *
 * <pre>
 *        0 +---------------------------------------------------------------+
 *          | header: written once, by the VM that formats the region       |
 *          |    0 magic (8), last  8 version (4)     12 places (4)         |
 *          |   16 bytes of region (8)                24 bytes per place (8)|
 *          |   32 host's uuid high (8)               40 low (8)            |
 *          |   48 epoch (8), never 0                                       |
 *          |  128 formatter (8): random, 0 while nobody formats            |
 *     4096 +---------------------------------------------------------------+
 *          | place 0                                                       |
 *          |      +0 entry, as VmEntryDescriptor; its bell: 1, 2 polled    |
 * +290816  |         lease page                                            |
 *          |      +0 owner (8): random, 0 while the place is free          |
 *          |    +128 heartbeat (8): counts while the owner lives           |
 *          |    +256 generation (4): counts the owners                     |
 * +294912  |         memory for rings that the owner sends on              |
 *          +---------------------------------------------------------------+
 *          | place 1 ...                                                   |
 * </pre>
 *
 * <p>A VM writes into its own place, and into those of others only: signals, mailbox, and the receiver's words of rings that
 * were granted to it. Nothing enforces that between guests: whatever is read is checked.
 */
final class RegionDescriptor {
    /** "XENVMCIV", read as little endian. */
    static final long MAGIC = 0x5649434D564E4558L;

    static final int VERSION = 1;
    static final int PAGE = 4096;

    static final int MAGIC_OFFSET = 0;
    static final int VERSION_OFFSET = MAGIC_OFFSET + Long.BYTES;
    static final int PLACES_OFFSET = VERSION_OFFSET + Integer.BYTES;
    static final int REGION_BYTES_OFFSET = PLACES_OFFSET + Integer.BYTES;
    static final int PLACE_BYTES_OFFSET = REGION_BYTES_OFFSET + Long.BYTES;
    static final int UUID_HIGH_OFFSET = PLACE_BYTES_OFFSET + Long.BYTES;
    static final int UUID_LOW_OFFSET = UUID_HIGH_OFFSET + Long.BYTES;
    static final int EPOCH_OFFSET = UUID_LOW_OFFSET + Long.BYTES;
    static final int FORMATTER_OFFSET = 128;
    static final int HEADER_BYTES = PAGE;

    static final int LEASE_OFFSET = VmEntryDescriptor.ENTRY_BYTES;
    static final int OWNER_OFFSET = LEASE_OFFSET;
    static final int HEARTBEAT_OFFSET = LEASE_OFFSET + 128;
    static final int GENERATION_OFFSET = LEASE_OFFSET + 256;
    static final int RINGS_OFFSET = LEASE_OFFSET + PAGE;

    /** A number of a grant has 16 bits for its first page. */
    static final int MAX_RING_PAGES = 1 << 16;

    static final int MAX_PLACES = 64;
    /** A VM's number on the host: 1 + place + {@value #MAX_PLACES} times generation, which goes round before this. */
    static final int MAX_GENERATION = 1 << 20;

    private static final int PLACES_WISHED = 8;
    private static final long PLACE_BYTES_WISHED = 4 << 20;
    static final int PLACE_BYTES_LEAST = RINGS_OFFSET + 16 * PAGE;

    static final VarHandle INT = MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());
    static final VarHandle LONG = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private RegionDescriptor() {}

    /** How many places a region of this size is given if nothing else is asked for. */
    static int placesFor(long regionBytes) {
        return (int) Math.max(2, Math.min(PLACES_WISHED, regionBytes / PLACE_BYTES_WISHED));
    }

    /** Bytes of each of so many places. */
    static long placeBytes(long regionBytes, int places) {
        return (regionBytes - HEADER_BYTES) / places & -PAGE;
    }

    static int placeOffset(int place, int placeBytes) {
        return HEADER_BYTES + place * placeBytes;
    }

    static int domId(int place, int generation) {
        return 1 + place + MAX_PLACES * (generation & MAX_GENERATION - 1);
    }
}
