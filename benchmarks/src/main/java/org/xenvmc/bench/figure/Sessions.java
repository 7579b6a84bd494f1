package org.xenvmc.bench.figure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.xenvmc.bench.session.BenchEnvironment;
import org.xenvmc.bench.session.Contender;
import org.xenvmc.bench.session.MeasurementException;
import org.xenvmc.bench.session.Round;
import org.xenvmc.bench.session.Session;
import org.xenvmc.bench.session.Task;

/** The sessions of several contenders, side by side; one at a time is at work. */
final class Sessions implements AutoCloseable {
    private final List<Session> sessions = new ArrayList<>();
    private int turns;

    private Sessions() {}

    static Sessions open(BenchEnvironment environment, String figure, List<Contender> contenders)
            throws MeasurementException {
        Sessions all = new Sessions();
        try {
            for (Contender contender : contenders) {
                all.sessions.add(contender.open(environment, figure));
            }
            return all;
        } catch (MeasurementException | RuntimeException e) {
            all.close();
            throw e;
        }
    }

    /**
     * One round of each, one after the other; every second turn goes backwards, so that being the first is nobody's
     * advantage.
     *
     * @return the rounds in the order of the contenders
     */
    List<Round> turn(Task task, Duration length) throws MeasurementException {
        Round[] rounds = new Round[sessions.size()];
        boolean backwards = turns++ % 2 == 1;
        for (int i = 0; i < rounds.length; i++) {
            int next = backwards ? rounds.length - 1 - i : i;
            rounds[next] = sessions.get(next).round(task, length);
        }
        return List.of(rounds);
    }

    @Override
    public void close() {
        sessions.forEach(Session::dismiss);
        sessions.forEach(Session::close);
    }
}
