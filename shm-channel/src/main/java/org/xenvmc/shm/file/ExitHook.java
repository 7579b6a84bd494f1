package org.xenvmc.shm.file;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tells the memberships of this process that the JVM is ending. One hook for all of them, registered while there are any, so
 * that it keeps nothing in memory that is not in use.
 */
public final class ExitHook {
    private static final Set<EntryMembership> MEMBERSHIPS = ConcurrentHashMap.newKeySet();
    private static Thread hook;
    private static volatile boolean ending;

    private ExitHook() {}

    /** Whether the JVM is ending: who joined now might be too late to be cleaned up after. */
    public static synchronized boolean isEnding() {
        if (hook == null && !ending) {
            Thread thread = new Thread(ExitHook::tell, "xenvmc-exit");
            try {
                Runtime.getRuntime().addShutdownHook(thread);
                hook = thread;
            } catch (IllegalStateException e) {
                ending = true;
            }
        }
        return ending;
    }

    public static void add(EntryMembership membership) {
        MEMBERSHIPS.add(membership);
        if (isEnding()) {
            membership.exiting(); // it was joining when the end began
        }
    }

    static synchronized void remove(EntryMembership membership) {
        if (MEMBERSHIPS.remove(membership) && MEMBERSHIPS.isEmpty() && hook != null) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                return; // the JVM is ending: the hook runs, and finds nothing to do
            }
            hook = null;
        }
    }

    /** Runs beside the application's hooks; takes no lock that anybody could hold for long. */
    private static void tell() {
        ending = true; // before the look at the set; add looks in the other order
        MEMBERSHIPS.forEach(EntryMembership::exiting);
    }
}
