package org.xenvmc.shm.file;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.xenvmc.shm.syscall.DirectoryWatch;
import org.xenvmc.shm.syscall.SyscallException;

/**
 * The thread that learns of joining, leaving and dying. It sleeps until the directory changes: an entry moved in is a VM
 * that joined, one deleted a VM that left; one closed by somebody who could write is a VM that may have died (or another
 * member that gave up its mapping). The kernel reports the close just before it lets the lock go, so that the lock is
 * tried again for a while after such an event, and only then.
 */
final class MemberWatch implements Runnable, DirectoryWatch.Handler {
    private static final Logger LOG = System.getLogger(MemberWatch.class.getName());
    private static final long[] RETRY_MS = {0, 1, 2, 5, 10, 20, 50, 100, 200, 500};

    /** A lock to be tried. */
    private record Suspicion(int attempt, long dueNs) {}

    private final DirectoryWatch watch;
    private final Members members;
    private final Reaper reaper;
    private final int self;
    private final Map<Integer, Suspicion> suspicions = new HashMap<>();
    private volatile long wakeUps;

    MemberWatch(DirectoryWatch watch, Members members, Reaper reaper, int self) {
        this.watch = watch;
        this.members = members;
        this.reaper = reaper;
        this.self = self;
    }

    @Override
    public void run() {
        try {
            while (watch.await(nextRetryMs(), this)) {
                wakeUps = wakeUps + 1;
                tryLocks();
            }
        } catch (SyscallException e) {
            LOG.log(Level.ERROR, "joining and leaving of other VMs are not noticed any more", e);
        } finally {
            watch.close();
        }
    }

    private int nextRetryMs() {
        if (suspicions.isEmpty()) {
            return -1;
        }
        long now = System.nanoTime();
        long wait = Long.MAX_VALUE;
        for (Suspicion s : suspicions.values()) {
            wait = Math.min(wait, s.dueNs() - now);
        }
        return wait <= 0 ? 0 : (int) TimeUnit.NANOSECONDS.toMillis(wait) + 1;
    }

    private void tryLocks() {
        if (suspicions.isEmpty()) {
            return;
        }
        long now = System.nanoTime();
        List<Integer> due = new ArrayList<>();
        suspicions.forEach((domId, s) -> {
            if (s.dueNs() - now <= 0) {
                due.add(domId);
            }
        });
        for (int domId : due) {
            int next = suspicions.remove(domId).attempt() + 1;
            if (reaper.reapIfDead(domId)) {
                members.compare(domId);
            } else if (next < RETRY_MS.length) {
                suspect(domId, next);
            }
        }
    }

    private void suspect(int domId, int attempt) {
        long delayNs = TimeUnit.MILLISECONDS.toNanos(RETRY_MS[attempt]);
        suspicions.put(domId, new Suspicion(attempt, System.nanoTime() + delayNs));
    }

    @Override
    public void changed(String name, boolean closed) {
        int domId = HostFileDescriptor.entryNumber(name);
        if (domId < 0 || domId == self) {
            return;
        }
        if (closed) {
            suspect(domId, 0);
        } else {
            members.compare(domId);
        }
    }

    @Override
    public void lost() {
        for (int domId : members.compareAll()) {
            suspect(domId, 0);
        }
    }

    /** How often the thread woke, for tests. */
    long wakeUps() {
        return wakeUps;
    }
}
