package org.xenvmc.bench.guest;

/**
 * One case of the experiment.
 *
 * @param id names it
 * @param load what the migrated guest does
 * @param way how it receives
 * @param users n: so many users send so many mails each; 0 without mails
 * @param fileBytes size of the file in each mail
 * @param workingSetBytes memory of the migrated guest in which received data stays, the oldest overwritten
 * @param bytesPerSecond rate of a stream; 0 without one
 */
record Scenario(String id, Load load, Way way, int users, int fileBytes, int workingSetBytes, long bytesPerSecond) {
    private static final String LINK_SPINS = "link.spin";
    private static final int MB = 1_000_000;
    private static final int MIB = 1 << 20;

    static Scenario idle(int workingSetMib) {
        return new Scenario("idle.w" + workingSetMib, Load.IDLE, Way.IDLE, 0, 0, workingSetMib * MIB, 0);
    }

    static Scenario mail(int users, int fileMb, int mailboxMib, Way way) {
        String id = "mail." + users + "x" + fileMb + "." + way.label();
        return new Scenario(id, Load.MAIL, way, users, fileMb * MB, mailboxMib * MIB, 0);
    }

    static Scenario data(int workingSetMib, int mibPerSecond, Way way) {
        String id = "data.w" + workingSetMib + ".r" + mibPerSecond + "." + way.label();
        return new Scenario(id, Load.DATA, way, 0, 0, workingSetMib * MIB, (long) mibPerSecond * MIB);
    }

    /**
     * From guest to guest.
     *
     * @param spins whether the library's waiting threads never sleep, instead of what it does by itself
     */
    static Scenario link(boolean spins) {
        return new Scenario(spins ? LINK_SPINS : "link", Load.LINK, Way.EARLY, 0, 0, 0, 0);
    }

    /** Whether waiting threads never sleep. */
    boolean spins() {
        return id.equals(LINK_SPINS);
    }

    /** What it has in common with the cases that it is compared with: the name without the way. */
    String group() {
        return load == Load.MAIL || load == Load.DATA ? id.substring(0, id.lastIndexOf('.')) : id;
    }

    /** The idle guest with as much memory in use. */
    String floor() {
        return idle(workingSetBytes / MIB).id();
    }

    /** Mails in all. */
    int mails() {
        return users * users;
    }

    /** For people. */
    String title() {
        String memory = ", " + workingSetBytes / MIB + " MiB of it in memory";
        return switch (load) {
            case IDLE -> "idle guest with " + workingSetBytes / MIB + " MiB in memory";
            case MAIL ->
                mails() + " mails from " + users + " users with files of " + fileBytes / MB + " MB" + memory + ", "
                        + way.title();
            case DATA -> bytesPerSecond / MIB + " MiB/s" + memory + ", " + way.title();
            case LINK -> "guest to guest, shared memory against virtio-net" + (spins() ? ", spinning" : "");
        };
    }
}
