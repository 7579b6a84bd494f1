package org.xenvmc.migration.hook;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Function;
import java.util.function.Predicate;
import org.xenvmc.migration.MigrationHook;
import org.xenvmc.migration.MigrationNotice;
import org.xenvmc.migration.MigrationPhase;
import org.xenvmc.transport.SwitchReport;

/**
 * Several VMs as one: all are called at the same time, and a call is accepted when all of them accepted it. When one
 * refuses to prepare, the others are told that the migration is given up. Thread-safe.
 */
public final class FanOut implements MigrationHook {
    private final Map<String, MigrationHook> targets;
    private final Predicate<MigrationHook> alive;

    /** The VMs, each with a name for messages. */
    public FanOut(Map<String, ? extends MigrationHook> targets) {
        this(targets, target -> true);
    }

    /** The same, where the refusal of a VM that turns out to be dead does not count. */
    FanOut(Map<String, ? extends MigrationHook> targets, Predicate<MigrationHook> alive) {
        this.targets = new LinkedHashMap<>(targets);
        this.alive = alive;
    }

    @Override
    public Answer prepare(MigrationNotice notice) {
        Map<String, Answer> answers = ask(hook -> hook.prepare(notice));
        Answer all = combine(answers);
        if (!all.accepted()) {
            answers.forEach((name, answer) -> {
                if (answer.accepted()) {
                    targets.get(name).aborted(notice.id());
                }
            });
        }
        return all;
    }

    @Override
    public Answer finish(String migrationId) {
        return combine(ask(hook -> hook.finish(migrationId)));
    }

    @Override
    public Answer aborted(String migrationId) {
        return combine(ask(hook -> hook.aborted(migrationId)));
    }

    @Override
    public Answer resumed(String migrationId, String newHost) {
        return combine(ask(hook -> hook.resumed(migrationId, newHost)));
    }

    private Map<String, Answer> ask(Function<MigrationHook, Answer> call) {
        Map<String, FutureTask<Answer>> running = new LinkedHashMap<>();
        targets.forEach((name, hook) -> {
            FutureTask<Answer> task = new FutureTask<>(() -> call.apply(hook));
            running.put(name, task);
            Thread thread = new Thread(task, "xenvmc-hook-" + name);
            thread.setDaemon(true);
            thread.start();
        });
        Map<String, Answer> answers = new LinkedHashMap<>();
        running.forEach((name, task) -> {
            Answer answer = get(task);
            if (answer.accepted() || alive.test(targets.get(name))) {
                answers.put(name, answer);
            }
        });
        return answers;
    }

    private static Answer get(FutureTask<Answer> task) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.get(); // ends with the limit of the notice; an answer on its way must not get lost
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            return new Answer(false, null, null, e.getCause().toString());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static Answer combine(Map<String, Answer> answers) {
        boolean accepted = true;
        MigrationPhase phase = null;
        SwitchReport sum = null;
        List<String> details = new ArrayList<>();
        for (Map.Entry<String, Answer> entry : answers.entrySet()) {
            Answer a = entry.getValue();
            accepted &= a.accepted();
            phase = phase == null || a.phase() != null && a.phase().compareTo(phase) < 0 ? a.phase() : phase;
            sum = add(sum, a.report());
            if (!a.detail().isEmpty()) {
                details.add(entry.getKey() + ": " + a.detail());
            }
        }
        return new Answer(accepted, phase, sum, String.join("; ", details));
    }

    private static SwitchReport add(SwitchReport a, SwitchReport b) {
        if (a == null || b == null) {
            return a == null ? b : a;
        }
        return new SwitchReport(
                a.connections() + b.connections(),
                a.moved() + b.moved(),
                a.lost() + b.lost(),
                a.drainedBytes() + b.drainedBytes(),
                Math.max(a.durationNs(), b.durationNs()));
    }
}
