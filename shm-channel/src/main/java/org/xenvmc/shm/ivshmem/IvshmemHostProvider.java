package org.xenvmc.shm.ivshmem;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.xenvmc.shm.file.Admission;
import org.xenvmc.shm.file.VmIdentity;
import org.xenvmc.shm.provider.HostListener;
import org.xenvmc.shm.provider.HostMembership;
import org.xenvmc.shm.provider.HostProvider;
import org.xenvmc.shm.provider.ProviderException;
import org.xenvmc.transport.ReasonCode;
import org.xenvmc.transport.VmcContext;

/**
 * Shared memory between virtual machines under QEMU, through the memory of an ivshmem device. The host's name is {@code
 * ivshmem}, or {@code ivshmem:PATH} with the directory in which the devices are looked for, with a device's own
 * directory, or, on the host's side, with the file that is the devices' memory ({@link RegionFile}).
 */
public final class IvshmemHostProvider implements HostProvider {
    /** Where devices are looked for when the host's name does not say. */
    public static final String SYSFS_PROPERTY = "xenvmc.ivshmem.sysfs";
    /** Default of {@link #SYSFS_PROPERTY}. */
    public static final String SYSFS_DEFAULT = "/sys/bus/pci/devices";
    /** Milliseconds without a heartbeat after which a VM counts as dead. The same for all VMs of a host. */
    public static final String LEASE_PROPERTY = "xenvmc.ivshmem.lease.ms";
    /** Default of {@link #LEASE_PROPERTY}. */
    public static final long LEASE_MS_DEFAULT = 10_000;
    /** Into how many places a new region is divided; 0: one for each 4 MiB, at least 2, at most 8. */
    public static final String PLACES_PROPERTY = "xenvmc.ivshmem.vms";

    private static final String NAME = "ivshmem";
    private static final String PREFIX = NAME + ":";

    private final long leaseNs = leaseNs();
    /** Of the attempts to join a full region. */
    private LeaseWatch full = new LeaseWatch(leaseNs);

    private long fullEpoch;

    /** Creates the provider; does nothing. */
    public IvshmemHostProvider() {}

    /** Whether a host's name is of this provider. */
    public static boolean isHost(String name) {
        return name.equals(NAME) || name.startsWith(PREFIX);
    }

    /** The name of the host whose region is a file, for its host's side. */
    public static String hostName(Path file) {
        return PREFIX + file;
    }

    static long leaseNs() {
        return TimeUnit.MILLISECONDS.toNanos(Math.max(10, Long.getLong(LEASE_PROPERTY, LEASE_MS_DEFAULT)));
    }

    private static Region map(Path path) throws ProviderException {
        if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
            return Region.ofFile(path);
        }
        PciDevice device = PciDevice.find(path);
        device.enable();
        return Region.ofDevice(device.memory());
    }

    private static Path devices(String host) {
        String path = host.startsWith(PREFIX) ? host.substring(PREFIX.length()) : "";
        return Path.of(path.isEmpty() ? System.getProperty(SYSFS_PROPERTY, SYSFS_DEFAULT) : path);
    }

    @Override
    public HostMembership join(VmcContext context, Joining joining, HostListener listener) throws ProviderException {
        Admission.check(context);
        Region region = map(devices(joining.host()));
        boolean joined = false;
        try {
            Formatter.open(region, Math.max(0, Integer.getInteger(PLACES_PROPERTY, 0)));
            HostMembership membership = join(region, context, joining, listener);
            joined = true;
            return membership;
        } finally {
            if (!joined) {
                region.detach();
            }
        }
    }

    private HostMembership join(Region region, VmcContext context, Joining joining, HostListener listener)
            throws ProviderException {
        VmIdentity identity = Admission.identity(context, joining, region.epoch());
        long owner = Formatter.token();
        Place own = take(region, owner);
        identity.write(own.memory);
        IvshmemHostMembership membership = new IvshmemHostMembership(
                joining.host(),
                own,
                owner,
                identity,
                context.budgetBytes(),
                leaseNs,
                new LeaseWatch(leaseNs),
                listener);
        membership.start();
        return membership;
    }

    /**
     * Takes a free place, the one that had the fewest owners: what is late for an old owner meets a new one as seldom
     * as possible.
     */
    private synchronized Place take(Region region, long owner) throws ProviderException {
        List<Place> places = new ArrayList<>();
        for (int i = 0; i < region.places(); i++) {
            places.add(new Place(region, i));
        }
        reapExpired(region, places);
        places.sort(Comparator.comparingInt(Place::generation));
        for (Place place : places) {
            if (place.owner() == 0 && place.take(0, owner)) {
                return place;
            }
        }
        throw new ProviderException(
                ReasonCode.REGION_FULL,
                "all " + region.places() + " places of the region are taken; those of dead VMs become free after "
                        + TimeUnit.NANOSECONDS.toMillis(leaseNs) + " ms",
                null);
    }

    /**
     * When all VMs died, nobody is left to free their places: who wants to join does, once it has watched them for
     * long enough.
     */
    private void reapExpired(Region region, List<Place> places) {
        long nowNs = System.nanoTime();
        if (fullEpoch != region.epoch()) {
            fullEpoch = region.epoch();
            full = new LeaseWatch(leaseNs);
        }
        full.begin(nowNs);
        for (Place place : places) {
            long there = place.owner();
            if (there != 0 && full.expired(place, there, nowNs)) {
                place.reap(there);
            }
        }
    }
}
