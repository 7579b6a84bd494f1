package org.xenvmc.migration.hook;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.xenvmc.migration.MigrationHook;
import org.xenvmc.migration.MigrationNotice;
import org.xenvmc.migration.MigrationPhase;
import org.xenvmc.transport.SwitchReport;

/** Remembers what it was told, in order, and refuses what it is to refuse. */
public final class RecordingHook implements MigrationHook {
    public static final SwitchReport REPORT = new SwitchReport(3, 2, 1, 4096, 1_000);

    /** Each call with its arguments, without the migration's id. */
    public final List<String> calls = new CopyOnWriteArrayList<>();

    /** The ids of the migrations. */
    public final Set<String> ids = ConcurrentHashMap.newKeySet();

    /** Names of the calls that are refused. */
    public final Set<String> refused = ConcurrentHashMap.newKeySet();

    @Override
    public Answer prepare(MigrationNotice n) {
        String call = "prepare " + n.mode() + " " + n.limit().toMillis() + " " + n.targetHost();
        return answer("prepare", call, n.id(), MigrationPhase.PRE_COPY, null);
    }

    @Override
    public Answer finish(String id) {
        return answer("finish", "finish", id, MigrationPhase.AWAY, REPORT);
    }

    @Override
    public Answer aborted(String id) {
        return answer("aborted", "aborted", id, MigrationPhase.SETTLED, null);
    }

    @Override
    public Answer resumed(String id, String host) {
        return answer("resumed", "resumed " + host, id, MigrationPhase.SETTLED, null);
    }

    private Answer answer(String name, String call, String id, MigrationPhase phase, SwitchReport report) {
        boolean accepted = !refused.contains(name);
        ids.add(id);
        calls.add(accepted ? call : call + " (refused)");
        return new Answer(
                accepted,
                accepted ? phase : MigrationPhase.PRE_COPY,
                accepted ? report : null,
                accepted ? "" : "I will not " + name);
    }

    /** Waits for exactly these calls. */
    public void await(String... expected) {
        Awaitility.await("calls " + List.of(expected))
                .atMost(Duration.ofSeconds(20))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .failFast("other calls came: " + calls, () -> calls.size() > expected.length)
                .until(() -> calls.equals(List.of(expected)));
    }
}
