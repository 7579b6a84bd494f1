package org.xenvmc.shm.file;

/**
 * Names in a host directory, and the layout of its {@code host} file, which says which host, and which life of it, the
 * directory is. All numbers are little endian.
 *
 * <pre>
 *   0        8         12     16        24        32      40
 *   +--------+---------+------+---------+---------+-------+
 *   | magic  | version | 0    | uuid    | uuid    | epoch |
 *   | 8 byte | int     | int  | high    | low     | long  |
 *   +--------+---------+------+---------+---------+-------+
 * </pre>
 */
final class HostFileDescriptor {
    /** Version of all layouts of this provider: VMs with different versions do not share a host. */
    static final int LAYOUT_VERSION = 1;
    /** "XENVMCHO", read as little endian. */
    static final long MAGIC = 0x4F48434D564E4558L;

    static final int MAGIC_OFFSET = 0;
    static final int VERSION_OFFSET = MAGIC_OFFSET + Long.BYTES;
    static final int UUID_HIGH_OFFSET = VERSION_OFFSET + 2 * Integer.BYTES;
    static final int UUID_LOW_OFFSET = UUID_HIGH_OFFSET + Long.BYTES;
    static final int EPOCH_OFFSET = UUID_LOW_OFFSET + Long.BYTES;
    static final int HOST_FILE_BYTES = EPOCH_OFFSET + Long.BYTES;

    static final String HOST_FILE = "host";
    static final String GRANTS_DIRECTORY = "grants";
    private static final String ENTRY_PREFIX = "vm-";
    private static final String NEW_PREFIX = ".new-";
    private static final String GRANT_PREFIX = "grant-";
    private static final int MAX_NUMBER_DIGITS = 9;

    private HostFileDescriptor() {}

    /** Name of a VM's entry. */
    static String entryName(int domId) {
        return ENTRY_PREFIX + domId;
    }

    /** Number of the VM whose entry has this name, or -1 when the name is none of an entry. */
    static int entryNumber(String name) {
        return name.startsWith(ENTRY_PREFIX) ? number(name.substring(ENTRY_PREFIX.length())) : -1;
    }

    /** Name of a file that is not finished. */
    static String newName(String unique) {
        return NEW_PREFIX + unique;
    }

    static boolean isNewName(String name) {
        return name.startsWith(NEW_PREFIX);
    }

    /** Name of the memory that one VM lends to another. */
    static String grantName(int owner, int number, int peer) {
        return GRANT_PREFIX + owner + "-" + number + "-" + peer;
    }

    /** Owner and peer of the grant with this name, or null when the name is none of a grant. */
    static int[] grantParties(String name) {
        if (!name.startsWith(GRANT_PREFIX)) {
            return null;
        }
        String[] parts = name.substring(GRANT_PREFIX.length()).split("-", -1);
        if (parts.length != 3) {
            return null;
        }
        int owner = number(parts[0]);
        int peer = number(parts[2]);
        return owner < 0 || peer < 0 ? null : new int[] {owner, peer};
    }

    private static int number(String digits) {
        if (digits.isEmpty() || digits.length() > MAX_NUMBER_DIGITS) {
            return -1;
        }
        for (int i = 0; i < digits.length(); i++) {
            if (digits.charAt(i) < '0' || digits.charAt(i) > '9') {
                return -1;
            }
        }
        return Integer.parseInt(digits);
    }
}
