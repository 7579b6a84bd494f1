package org.xenvmc.shm.syscall;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What fstat says about an open file.
 *
 * @param device number of the file system
 * @param inode number of the file
 * @param mode type and permissions
 * @param links names the file has; 0 once it is unlinked
 * @param uid owner
 * @param size in bytes
 * @param allocatedBytes bytes really allocated
 */
public record FileStatus(long device, long inode, int mode, long links, int uid, long size, long allocatedBytes) {
    private static final int TYPE_MASK = 0xF000;
    private static final int REGULAR = 0x8000;

    /** Whether this is a regular file. */
    public boolean regular() {
        return (mode & TYPE_MASK) == REGULAR;
    }

    /** The permission bits. */
    public int permissions() {
        return mode & 0xFFF;
    }

    /** Whether both describe the same file. */
    public boolean sameFile(FileStatus other) {
        return device == other.device && inode == other.inode;
    }

    static final int STAT_BYTES = 144;

    static FileStatus parse(byte[] stat, Arch arch) {
        ByteBuffer b = ByteBuffer.wrap(stat).order(ByteOrder.LITTLE_ENDIAN);
        long links = arch.statLinksBytes == 8
                ? b.getLong(arch.statLinksOffset)
                : Integer.toUnsignedLong(b.getInt(arch.statLinksOffset));
        return new FileStatus(
                b.getLong(0),
                b.getLong(8),
                b.getInt(arch.statModeOffset),
                links,
                b.getInt(arch.statUidOffset),
                b.getLong(48),
                b.getLong(64) * 512);
    }
}
