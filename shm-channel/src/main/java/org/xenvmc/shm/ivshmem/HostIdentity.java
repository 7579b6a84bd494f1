package org.xenvmc.shm.ivshmem;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/** Which physical host this process runs on. */
final class HostIdentity {
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
    private static final String PREFIX = "xenvmc-host:";

    private HostIdentity() {}

    /**
     * The same for all processes until the host is started anew; derived from the kernel's number, which it does not
     * show.
     */
    static UUID uuid() {
        try {
            String boot = Files.readString(BOOT_ID).trim();
            return UUID.nameUUIDFromBytes((PREFIX + boot).getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            return UUID.randomUUID(); // no procfs: another identity each time, which is only less to recognise
        }
    }
}
