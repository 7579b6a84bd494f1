package org.xenvmc.bench.session;

import java.util.Optional;

/** One of those that are compared: something that a workload can be run over. */
public interface Contender {
    /** Short name, for messages and for the names of processes. */
    String name();

    /** Why it cannot be measured on this machine; empty when it can. */
    default Optional<String> obstacle() {
        return Optional.empty();
    }

    /**
     * Starts its processes and brings them to where a round can begin.
     *
     * @param figure the figure's id
     */
    Session open(BenchEnvironment environment, String figure) throws MeasurementException;
}
