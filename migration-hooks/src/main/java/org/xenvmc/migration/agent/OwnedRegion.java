package org.xenvmc.migration.agent;

import java.io.IOException;
import java.nio.file.Path;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.shm.ivshmem.RegionFile;

/** The region of ivshmem devices that an agent owns, with what happens to it in the journal. */
final class OwnedRegion implements AutoCloseable {
    private final RegionFile region;
    private final JournalWriter journal;

    /**
     * Which region.
     *
     * @param file see {@link RegionFile#open}
     * @param bytes see {@link RegionFile#open}
     * @param vms see {@link RegionFile#open}
     */
    record Settings(Path file, long bytes, int vms) {}

    /** Makes the region, or takes over what an agent that died has left. */
    OwnedRegion(Settings s, JournalWriter journal) throws IOException {
        this.region = RegionFile.open(s.file(), s.bytes(), s.vms());
        this.journal = journal;
        note(region.created() ? "created" : "taken over");
    }

    private void note(String how) {
        journal.write(
                Events.REGION,
                new JsonObject()
                        .put("file", region.file().toString())
                        .put("how", how)
                        .put("bytes", region.bytes())
                        .put("places", region.places())
                        .put("hostUuid", region.host().toString())
                        .put("epoch", region.epoch()));
    }

    /** Its name as a host. */
    String hostName() {
        return region.hostName();
    }

    /** Removes it, or leaves it to those who live in it and to the next agent. */
    @Override
    public void close() {
        note(region.giveUp() ? "removed" : "left to its VMs");
    }
}
