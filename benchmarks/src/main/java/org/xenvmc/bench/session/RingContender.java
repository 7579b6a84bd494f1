package org.xenvmc.bench.session;

import java.util.List;
import org.xenvmc.bench.ring.RingKind;

/**
 * A ring between two processes, without a socket API.
 *
 * @param kind whose ring
 * @param capacityBytes its capacity
 * @param blockBytes size of the blocks that are sent
 */
public record RingContender(RingKind kind, int capacityBytes, int blockBytes) implements Contender {
    @Override
    public String name() {
        return kind == RingKind.OURS ? "ours-ring" : "agrona";
    }

    @Override
    public Session open(BenchEnvironment environment, String figure) throws MeasurementException {
        RingSession session = new RingSession(environment, figure, this);
        try {
            session.open();
            return session;
        } catch (MeasurementException | RuntimeException e) {
            session.close();
            throw e;
        }
    }

    /** Agrona's buffers need a package of the JDK that is not exported; ours need nothing. */
    List<String> jvmArguments() {
        return kind == RingKind.AGRONA
                ? List.of("--add-exports", "java.base/jdk.internal.misc=ALL-UNNAMED")
                : List.of();
    }
}
