package org.xenvmc.bench.guest;

import java.util.Locale;

/** How the migrated guest receives, and what is done with its connections in a migration. */
enum Way {
    /** The library; its connections carry nothing, and leave shared memory before anything is copied: the floor. */
    IDLE(true),
    /** The JDK's sockets, as if there were no library. */
    TCP(false),
    /** The library; connections leave shared memory before anything is copied (XenVMC). */
    EARLY(true),
    /** The library; connections stay on shared memory until little remains to be copied (the paper). */
    KEEP(true),
    /** As {@link #KEEP}, and the application looks at the data in the shared memory instead of copying it. */
    PLACE(true);

    private final boolean library;

    Way(boolean library) {
        this.library = library;
    }

    /** Whether the guest uses the library. */
    boolean library() {
        return library;
    }

    /** Which sockets the programs in the guests use, in their words. */
    String sockets() {
        return library ? "LIBRARY" : "PLAIN";
    }

    /** Whether shared memory is migrated along. */
    boolean keeps() {
        return this == KEEP || this == PLACE;
    }

    /** Part of a case's name. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** For tables. */
    String title() {
        return switch (this) {
            case IDLE -> "idle";
            case TCP -> "plain TCP";
            case EARLY -> "library, early";
            case KEEP -> "library, keep";
            case PLACE -> "library, keep, in place";
        };
    }
}
