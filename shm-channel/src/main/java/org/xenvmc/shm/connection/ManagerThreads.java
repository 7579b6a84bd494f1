package org.xenvmc.shm.connection;

import java.util.concurrent.ThreadFactory;

/** Daemon threads with names. */
final class ManagerThreads {
    private ManagerThreads() {}

    static ThreadFactory named(String name) {
        return task -> {
            Thread t = new Thread(task, name);
            t.setDaemon(true);
            return t;
        };
    }
}
