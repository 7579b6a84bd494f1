package org.xenvmc.shm.ivshmem;

import static org.xenvmc.shm.ivshmem.RegionDescriptor.*;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.xenvmc.shm.provider.ProviderException;
import org.xenvmc.transport.ReasonCode;

/** Reads the header of a region, or writes it if the region is new (all zero). */
final class Formatter {
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(2);
    private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final SecureRandom RANDOM = new SecureRandom();

    private Formatter() {}

    /** A random number that is not 0. */
    static long token() {
        long token;
        do {
            token = RANDOM.nextLong();
        } while (token == 0);
        return token;
    }

    /**
     * Makes the region usable and tells it what its header says.
     *
     * @param placesWished for a new region; 0: as many as suit its size
     * @throws ProviderException with VERSION_MISMATCH or GRANT_FAILED when the header is not one of this version
     */
    static void open(Region region, int placesWished) throws ProviderException {
        ByteBuffer b = region.buffer();
        if (region.bytes() < HEADER_BYTES + 2 * PLACE_BYTES_LEAST) {
            throw unusable("a region of " + region.bytes() + " bytes is too small for two VMs");
        }
        long startNs = System.nanoTime();
        while ((long) LONG.getAcquire(b, MAGIC_OFFSET) == 0) { // partner: setRelease in write
            long claimed = (long) LONG.getVolatile(b, FORMATTER_OFFSET);
            boolean abandoned = System.nanoTime() - startNs > PATIENCE_NS;
            if (claimed == 0 || abandoned) {
                if (LONG.compareAndSet(b, FORMATTER_OFFSET, claimed, token())) {
                    write(region, placesWished, UUID.randomUUID());
                }
                startNs = System.nanoTime();
            } else {
                LockSupport.parkNanos(PAUSE_NS);
            }
        }
        read(region);
    }

    /** Writes the header of a region that nobody uses. */
    static void write(Region region, int placesWished, UUID host) {
        ByteBuffer b = region.buffer();
        int places = placesWished > 0 ? placesWished : placesFor(region.bytes());
        places = Math.min(places, (region.bytes() - HEADER_BYTES) / PLACE_BYTES_LEAST);
        int placeBytes = (int) placeBytes(region.bytes(), places);
        for (int i = 0; i < places; i++) {
            int at = placeOffset(i, placeBytes);
            b.putLong(at, 0L); // the entry's magic number
            b.putLong(at + OWNER_OFFSET, 0L);
        }
        b.putInt(VERSION_OFFSET, VERSION);
        b.putInt(PLACES_OFFSET, places);
        b.putLong(REGION_BYTES_OFFSET, region.bytes());
        b.putLong(PLACE_BYTES_OFFSET, placeBytes);
        b.putLong(UUID_HIGH_OFFSET, host.getMostSignificantBits());
        b.putLong(UUID_LOW_OFFSET, host.getLeastSignificantBits());
        b.putLong(EPOCH_OFFSET, token());
        LONG.setRelease(b, MAGIC_OFFSET, MAGIC); // partner: getAcquire in open
    }

    private static void read(Region region) throws ProviderException {
        ByteBuffer b = region.buffer();
        long magic = (long) LONG.getAcquire(b, MAGIC_OFFSET);
        if (magic != MAGIC) {
            throw unusable("the region begins with " + Long.toHexString(magic)
                    + ", which is no header; whoever owns it must fill it with zeros");
        }
        int version = b.getInt(VERSION_OFFSET);
        if (version != VERSION) {
            throw new ProviderException(
                    ReasonCode.VERSION_MISMATCH, "the region has layout version " + version + ", not " + VERSION, null);
        }
        int places = b.getInt(PLACES_OFFSET);
        long placeBytes = b.getLong(PLACE_BYTES_OFFSET);
        long regionBytes = b.getLong(REGION_BYTES_OFFSET);
        long epoch = b.getLong(EPOCH_OFFSET);
        boolean sane = places >= 1
                && places <= MAX_PLACES
                && regionBytes == region.bytes()
                && placeBytes >= PLACE_BYTES_LEAST
                && placeBytes <= regionBytes
                && (placeBytes & PAGE - 1) == 0
                && HEADER_BYTES + places * placeBytes <= regionBytes
                && epoch != 0;
        if (!sane) {
            throw unusable("the region's header makes no sense: " + places + " places of " + placeBytes + " bytes in "
                    + regionBytes + ", epoch " + epoch + ", mapped are " + region.bytes());
        }
        UUID host = new UUID(b.getLong(UUID_HIGH_OFFSET), b.getLong(UUID_LOW_OFFSET));
        region.formatted(host, epoch, places, (int) placeBytes);
    }

    private static ProviderException unusable(String what) {
        return new ProviderException(ReasonCode.GRANT_FAILED, what, null);
    }
}
