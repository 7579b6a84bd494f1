package org.xenvmc.shm.connection;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import org.xenvmc.shm.provider.Member;

/**
 * Messages for one member, in order. What its mailbox has no room for is kept and sent again shortly; a member that is gone
 * gets nothing any more. Manager's thread only.
 */
final class Outbox {
    /** Runs a task on the manager's thread after a time. */
    interface Timer {
        void schedule(Runnable task, long delayMs);
    }

    private record Kept(int type, ByteBuffer message) {}

    private static final long RETRY_MS = 1;

    private final Member member;
    private final Timer timer;
    private final Queue<Kept> kept = new ArrayDeque<>();

    Outbox(Member member, Timer timer) {
        this.member = member;
        this.timer = timer;
    }

    void send(int type, ByteBuffer message) {
        if (!kept.isEmpty() || !member.send(type, message.duplicate())) {
            if (kept.isEmpty()) {
                timer.schedule(this::flush, RETRY_MS);
            }
            kept.add(new Kept(type, message));
        }
    }

    private void flush() {
        if (!member.alive()) {
            kept.clear();
        }
        while (!kept.isEmpty()) {
            Kept next = kept.peek();
            if (!member.send(next.type, next.message.duplicate())) {
                timer.schedule(this::flush, RETRY_MS);
                return;
            }
            kept.remove();
        }
    }
}
