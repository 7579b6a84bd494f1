package org.xenvmc.transport;

/**
 * Why a direction of a connection is carried by TCP. A direction on shared memory has {@link #NONE}.
 *
 * <p>Codes are stable: a code is never renumbered and never reused.
 */
public enum ReasonCode {
    /** On shared memory; there is nothing to explain. */
    NONE(0, "on shared memory"),
    /** The connection has not done enough reads, writes or bytes yet for an upgrade to pay. */
    WARMING_UP(1, "not enough traffic yet (xenvmc.upgrade.after.operations, xenvmc.upgrade.after.bytes)"),
    /** An upgrade was offered to the peer and is not answered yet. */
    NEGOTIATING(2, "an upgrade was offered and is being negotiated"),
    /** Both ends agreed; this direction switches with its next write. */
    AWAITING_NEXT_WRITE(3, "agreed; this direction switches with its next write"),
    /** No VM of this host has the peer's address and port in the co-residency table. */
    NOT_CO_RESIDENT(10, "no VM of this host listens on the peer's address and port"),
    /** Candidates were asked, none has the mirrored pair of addresses (address translation between the ends?). */
    NO_MIRRORED_CONNECTION(11, "no VM of this host has the other end of this pair of addresses"),
    /** The peer has not answered an offer in time. */
    PEER_SILENT(12, "the peer did not answer the offer in time"),
    /** The peer speaks another version of the memory layout or of the protocol. */
    VERSION_MISMATCH(13, "the peer uses another version of layout or protocol"),
    /** The peer refused: its own rules forbid it. */
    PEER_DENIED(14, "the peer's rules forbid shared memory for this connection"),
    /** The peer could not provide or map memory. */
    PEER_WITHOUT_MEMORY(15, "the peer could not provide or map shared memory"),
    /** An allow/deny rule of this VM forbids shared memory. */
    DENIED_BY_RULE(20, "a rule forbids shared memory (xenvmc.allow, xenvmc.deny)"),
    /** The kill switch is on. */
    SWITCHED_OFF(21, "switched off (xenvmc.enabled=false or at run time)"),
    /** No implementation of shared memory is on the class path. */
    NO_PROVIDER(22, "no shared-memory provider on the class path"),
    /** The operating system is not Linux on a processor that is supported. */
    UNSUPPORTED_PLATFORM(23, "shared memory needs Linux on a 64-bit little-endian processor"),
    /** Native calls are impossible (JNA could not be loaded). */
    NO_NATIVE_ACCESS(24, "native calls are impossible; see the log"),
    /** The host directory cannot be used: it is a link, belongs to somebody else, or is not writable. */
    HOST_DIRECTORY_UNUSABLE(25, "the host directory cannot be used; see the log"),
    /** The VM has not joined a host yet, or joining failed. */
    NOT_JOINED(26, "this VM has not joined a host (yet)"),
    /** No ivshmem device is plugged in at present. */
    NO_DEVICE(27, "no ivshmem device is plugged in (xenvmc.ivshmem.sysfs)"),
    /** All places for VMs in the shared region are taken. */
    REGION_FULL(28, "all places for VMs in the shared region are taken"),
    /** There is no space in the file system of the host directory. */
    NO_SPACE(30, "no space left for rings in the host directory's file system"),
    /** The budget for rings is used up. */
    BUDGET_EXHAUSTED(31, "the budget for rings is used up (xenvmc.memory.budget)"),
    /** Memory could not be granted or mapped. */
    GRANT_FAILED(32, "memory could not be granted or mapped; see the log"),
    /** All connection slots of this VM are taken. */
    TABLE_FULL(33, "all connection slots are taken (xenvmc.connections.max)"),
    /** A direction was closed before an upgrade, so that TCP cannot go back to being a control path. */
    HALF_CLOSED(40, "a direction was closed while on TCP"),
    /** The VM is being migrated, or left its host. */
    MIGRATING(41, "this VM or the peer is being migrated or left the host"),
    /** The peer asked to leave shared memory. */
    PEER_LEFT(42, "the peer left shared memory"),
    /** The peer's VM is gone. */
    PEER_GONE(43, "the peer's VM is gone"),
    /** The peer violated the protocol; the connection was aborted. */
    PROTOCOL_VIOLATION(44, "the peer violated the protocol"),
    /** The shared memory was withdrawn without notice. */
    MEMORY_WITHDRAWN(45, "the shared memory was withdrawn without notice"),
    /** The connection is closed. */
    CLOSED(50, "the connection is closed");

    private final int code;
    private final String explanation;

    ReasonCode(int code, String explanation) {
        this.code = code;
        this.explanation = explanation;
    }

    /** The stable number of this reason. */
    public int code() {
        return code;
    }

    /** One sentence for people. */
    public String explanation() {
        return explanation;
    }

    /** What a refusal for this reason is called at the other end, which hears no more than that. */
    public ReasonCode atTheOtherEnd() {
        return switch (this) {
            case DENIED_BY_RULE, SWITCHED_OFF -> PEER_DENIED;
            case NO_SPACE, BUDGET_EXHAUSTED, GRANT_FAILED, TABLE_FULL -> PEER_WITHOUT_MEMORY;
            case CLOSED -> HALF_CLOSED;
            default -> this;
        };
    }

    /** Whether a connection with this reason was kept off shared memory, and not just is not there yet or no more. */
    public boolean isRefusal() {
        return code >= NOT_CO_RESIDENT.code && code < HALF_CLOSED.code && this != NOT_JOINED;
    }

    /** Finds a reason by its number; {@link #PEER_SILENT} stands for numbers that this version does not know. */
    public static ReasonCode ofCode(int code) {
        for (ReasonCode r : values()) {
            if (r.code == code) {
                return r;
            }
        }
        return PEER_SILENT;
    }
}
