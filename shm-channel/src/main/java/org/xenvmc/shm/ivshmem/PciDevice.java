package org.xenvmc.shm.ivshmem;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.xenvmc.shm.provider.ProviderException;
import org.xenvmc.transport.ReasonCode;

/**
 * An ivshmem device as the kernel shows it in sysfs.
 *
 * @param directory its directory
 */
record PciDevice(Path directory) {
    private static final String VENDOR = "0x1af4";
    private static final String DEVICE = "0x1110";

    /**
     * Finds the device below a directory such as {@code /sys/bus/pci/devices}, the first one by its address. A directory that is a
     * device itself is taken as it is.
     *
     * @throws ProviderException with NO_DEVICE, saying where it was looked for
     */
    static PciDevice find(Path devices) throws ProviderException {
        if (isIvshmem(devices)) {
            return new PciDevice(devices);
        }
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(devices, PciDevice::isIvshmem)) {
            all.forEach(found::add);
        } catch (NoSuchFileException | NotDirectoryException e) {
            throw none("there is no directory " + devices, e);
        } catch (IOException e) {
            throw none(devices + " cannot be listed", e);
        }
        if (found.isEmpty()) {
            throw none("no device with vendor " + VENDOR + " and device " + DEVICE + " in " + devices, null);
        }
        return new PciDevice(Collections.min(found));
    }

    private static ProviderException none(String what, IOException cause) {
        return new ProviderException(
                ReasonCode.NO_DEVICE, what + "; it is looked for again until it is plugged in", cause);
    }

    private static boolean isIvshmem(Path directory) {
        return is(directory.resolve("vendor"), VENDOR) && is(directory.resolve("device"), DEVICE);
    }

    private static boolean is(Path file, String wanted) {
        try {
            return Files.readString(file).trim().equals(wanted);
        } catch (IOException e) {
            return false; // it is no device, or is being unplugged
        }
    }

    /** The shared memory. */
    Path memory() {
        return directory.resolve("resource2");
    }

    /**
     * Lets the device answer to accesses of its memory.
     *
     * @throws ProviderException when that is not permitted
     */
    void enable() throws ProviderException {
        Path file = directory.resolve("enable");
        try {
            if (!is(file, "1")) {
                Files.writeString(file, "1");
            }
        } catch (IOException e) {
            throw new ProviderException(
                    ReasonCode.GRANT_FAILED, file + " cannot be set to 1: this needs the rights of root", e);
        }
    }
}
