package org.xenvmc.bench.session;

/** One of those that are compared: something that a workload can be run over. */
public interface Contender {
    /** Short name, for messages and for the names of processes. */
    String name();

    /**
     * Starts its processes and brings them to where a round can begin.
     *
     * @param figure the figure's id
     */
    Session open(BenchEnvironment environment, String figure) throws MeasurementException;
}
