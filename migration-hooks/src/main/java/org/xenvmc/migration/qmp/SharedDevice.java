package org.xenvmc.migration.qmp;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.xenvmc.migration.json.JsonObject;

/**
 * The ivshmem device through which a guest shares memory.
 *
 * @param id of the device in QEMU
 * @param memory id of its memory in QEMU
 * @param region file that the guests of a host share
 * @param sizeBytes of the region
 * @param bus slot that can be plugged while the guest runs, or empty for QEMU's choice
 * @param migrated whether the region is copied with the guest (master=on); if not, the device blocks a migration
 */
public record SharedDevice(String id, String memory, Path region, long sizeBytes, String bus, boolean migrated) {
    /** Checks the values. */
    public SharedDevice {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(memory, "memory");
        Objects.requireNonNull(region, "region");
        Objects.requireNonNull(bus, "bus");
        if (Long.bitCount(sizeBytes) != 1) {
            throw new IllegalArgumentException("a region of " + sizeBytes + " bytes is not a power of two");
        }
    }

    /** Takes the device away from a guest, whose mappings of it have to be gone; afterwards it may be given back. */
    public void detach(QemuMachine machine, Duration limit) throws IOException {
        machine.unplug(id, limit);
        machine.deleteObject(memory);
        machine.awaitReleased(memory, limit);
    }

    /** Gives it to a guest. */
    public void attach(QemuMachine machine) throws IOException {
        machine.addObject(new JsonObject()
                .put("qom-type", "memory-backend-file")
                .put("id", memory)
                .put("share", true)
                .put("mem-path", region.toString())
                .put("size", sizeBytes));
        JsonObject device = new JsonObject()
                .put("driver", "ivshmem-plain")
                .put("id", id)
                .put("memdev", memory)
                .put("master", migrated ? "on" : "off");
        if (!bus.isEmpty()) {
            device.put("bus", bus);
        }
        try {
            machine.plug(device);
        } catch (IOException e) {
            try {
                machine.deleteObject(memory); // else the next attempt finds its name taken
            } catch (IOException f) {
                e.addSuppressed(f);
            }
            throw e;
        }
    }
}
