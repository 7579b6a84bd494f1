package org.xenvmc.shm.file;

import static org.xenvmc.shm.file.VmEntryDescriptor.*;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * What a VM says about itself.
 *
 * @param uuid identity, kept over moves
 * @param pid process id
 * @param networkNamespace inode of its network namespace
 * @param network label of its network
 * @param addresses its addresses, the primary one first, without scopes
 * @param tool whether it carries no connections
 * @param epoch of the host that it joined
 */
public record VmIdentity(
        UUID uuid,
        long pid,
        long networkNamespace,
        String network,
        List<InetAddress> addresses,
        boolean tool,
        long epoch) {

    /** Writes everything, the magic number last. */
    public void write(ByteBuffer entry) {
        byte[] label = network.getBytes(StandardCharsets.UTF_8);
        int count = Math.min(addresses.size(), MAX_ADDRESSES);
        entry.putInt(VERSION_OFFSET, HostFileDescriptor.LAYOUT_VERSION);
        entry.putInt(SIZE_OFFSET, ENTRY_BYTES);
        entry.putLong(UUID_HIGH_OFFSET, uuid.getMostSignificantBits());
        entry.putLong(UUID_LOW_OFFSET, uuid.getLeastSignificantBits());
        entry.putLong(PID_OFFSET, pid);
        entry.putLong(NAMESPACE_OFFSET, networkNamespace);
        entry.putLong(EPOCH_OFFSET, epoch);
        entry.putInt(FLAGS_OFFSET, tool ? FLAG_TOOL : 0);
        entry.putInt(STATE_OFFSET, STATE_MEMBER);
        entry.putInt(ADDRESS_COUNT_OFFSET, count);
        entry.putInt(LABEL_LENGTH_OFFSET, label.length);
        entry.put(LABEL_OFFSET, label);
        for (int i = 0; i < count; i++) {
            byte[] address = addresses.get(i).getAddress();
            int at = ADDRESSES_OFFSET + i * ADDRESS_ENTRY_BYTES;
            entry.putInt(at, address.length);
            entry.put(at + ADDRESS_LENGTH_BYTES, address);
        }
        Words.LONG.setRelease(entry, MAGIC_OFFSET, MAGIC); // with magicAcquire in read
    }

    /**
     * Reads what another VM wrote: copied once, then checked.
     *
     * @throws IOException when it is not an entry of this layout
     */
    public static VmIdentity read(ByteBuffer entry) throws IOException {
        long magicAcquire = (long) Words.LONG.getAcquire(entry, MAGIC_OFFSET);
        require(magicAcquire == MAGIC, "magic number", magicAcquire);
        byte[] copy = new byte[IDENTITY_BYTES];
        entry.get(0, copy);
        ByteBuffer b = ByteBuffer.wrap(copy).order(ByteOrder.nativeOrder());
        int version = b.getInt(VERSION_OFFSET);
        require(version == HostFileDescriptor.LAYOUT_VERSION, "layout version", version);
        require(b.getInt(SIZE_OFFSET) == ENTRY_BYTES, "size", b.getInt(SIZE_OFFSET));
        int labelBytes = b.getInt(LABEL_LENGTH_OFFSET);
        require(labelBytes >= 0 && labelBytes <= LABEL_MAX_BYTES, "label length", labelBytes);
        return new VmIdentity(
                new UUID(b.getLong(UUID_HIGH_OFFSET), b.getLong(UUID_LOW_OFFSET)),
                b.getLong(PID_OFFSET),
                b.getLong(NAMESPACE_OFFSET),
                new String(copy, LABEL_OFFSET, labelBytes, StandardCharsets.UTF_8),
                addresses(b),
                (b.getInt(FLAGS_OFFSET) & FLAG_TOOL) != 0,
                b.getLong(EPOCH_OFFSET));
    }

    private static List<InetAddress> addresses(ByteBuffer b) throws IOException {
        int count = b.getInt(ADDRESS_COUNT_OFFSET);
        require(count > 0 && count <= MAX_ADDRESSES, "number of addresses", count);
        List<InetAddress> addresses = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int at = ADDRESSES_OFFSET + i * ADDRESS_ENTRY_BYTES;
            int bytes = b.getInt(at);
            require(bytes == 4 || bytes == 16, "address length", bytes);
            byte[] address = new byte[bytes];
            b.get(at + ADDRESS_LENGTH_BYTES, address);
            addresses.add(InetAddress.getByAddress(address));
        }
        return List.copyOf(addresses);
    }

    private static void require(boolean good, String what, long value) throws IOException {
        if (!good) {
            throw new IOException("impossible " + what + " " + value);
        }
    }
}
