package org.xenvmc.migration.cli;

import org.xenvmc.transport.ReasonCode;

/** What somebody can do who wants a connection on shared memory and does not get it. */
final class Advice {
    private Advice() {}

    /** What to do about a reason; an empty text when there is nothing. */
    static String on(ReasonCode reason) {
        return switch (reason) {
            case NONE -> "";
            case WARMING_UP -> "lower xenvmc.upgrade.after.operations and xenvmc.upgrade.after.bytes if that matters";
            case NEGOTIATING, AWAITING_NEXT_WRITE, MIGRATING -> "wait";
            case NOT_CO_RESIDENT ->
                "both programs need the library, the same host directory (xenvmc.host.dir) and, in"
                        + " different network namespaces, an address that means the same to both (xenvmc.network)";
            case NO_MIRRORED_CONNECTION ->
                "connect to an address of the other program's own machine or container,"
                        + " without address translation in between";
            case PEER_SILENT -> "look at the other process: it is stopped, or very busy";
            case VERSION_MISMATCH -> "use one version of the library in all programs of a host";
            case PEER_DENIED ->
                "look at xenvmc.allow and xenvmc.deny of the other program, and at its switch"
                        + " (xenvmc switch --vm ID on)";
            case PEER_WITHOUT_MEMORY ->
                "look at the other program's log, its xenvmc.memory.budget, and the space in" + " its host directory";
            case DENIED_BY_RULE -> "change xenvmc.allow or xenvmc.deny here";
            case SWITCHED_OFF -> "set xenvmc.enabled=true, or xenvmc switch --vm ID on";
            case NO_PROVIDER -> "put the jar of './xenvmc jar' on the class path";
            case UNSUPPORTED_PLATFORM -> "nothing: shared memory needs Linux on a 64-bit little-endian processor";
            case NO_NATIVE_ACCESS ->
                "the library's native part must be loadable: see the log, and whether the directory"
                        + " for temporary files allows execution (java.io.tmpdir)";
            case HOST_DIRECTORY_UNUSABLE ->
                "make the directory one's own with mode 700 (chmod 700), or name another" + " with xenvmc.host.dir";
            case NOT_JOINED -> "wait; if it lasts, see the log of that program";
            case NO_DEVICE -> "plug an ivshmem device into the guest; it is found by itself (xenvmc.ivshmem.sysfs)";
            case REGION_FULL -> "use a larger region, or divide it into more places (xenvmc.ivshmem.vms)";
            case NO_SPACE ->
                "free space in the file system of the host directory (df), or make it larger; in"
                        + " containers /dev/shm often has 64 MB";
            case BUDGET_EXHAUSTED -> "raise xenvmc.memory.budget or lower xenvmc.ring.max";
            case GRANT_FAILED -> "see the log of both programs";
            case TABLE_FULL -> "raise xenvmc.connections.max";
            case HALF_CLOSED -> "nothing: the other direction stays on TCP until the end";
            case PEER_LEFT, PEER_GONE, CLOSED -> "connect again";
            case MEMORY_WITHDRAWN -> "tell the guests before the device is unplugged (xenvmc migrate, leave)";
            case PROTOCOL_VIOLATION -> "report it, with the bundle of './xenvmc debug'";
        };
    }
}
