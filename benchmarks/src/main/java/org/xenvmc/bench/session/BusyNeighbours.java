package org.xenvmc.bench.session;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.xenvmc.bench.worker.BusyMain;

/** Child processes that keep processors busy beside a measurement. They end with this object, or with the driver. */
public final class BusyNeighbours implements AutoCloseable {
    private static final List<String> SMALL_JVM =
            List.of("-Xmx16m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData");

    private final List<Process> processes = new ArrayList<>();

    private BusyNeighbours() {}

    /** Starts {@code count} processes and waits until each of them runs. */
    public static BusyNeighbours start(int count) throws MeasurementException {
        BusyNeighbours neighbours = new BusyNeighbours();
        try {
            for (int i = 0; i < count; i++) {
                neighbours.processes.add(
                        WorkerProcess.startJvm(SMALL_JVM, BusyMain.class, List.of(), ProcessBuilder.Redirect.DISCARD));
            }
            for (Process process : neighbours.processes) {
                awaitStarted(process);
            }
            return neighbours;
        } catch (MeasurementException | RuntimeException e) {
            neighbours.close();
            throw e;
        }
    }

    private static void awaitStarted(Process process) throws MeasurementException {
        try {
            if (process.getInputStream().read() < 0) {
                throw new MeasurementException("busy process " + process.pid() + " ended at once");
            }
        } catch (IOException e) {
            throw new MeasurementException("busy process " + process.pid() + ": " + e.getMessage(), e);
        }
    }

    /**
     * Checks that none of them has ended.
     *
     * @throws MeasurementException when one has: what was measured beside it does not count
     */
    public void requireAlive() throws MeasurementException {
        for (Process process : processes) {
            if (!process.isAlive()) {
                throw new MeasurementException("busy process " + process.pid() + " ended with exit code "
                        + process.exitValue() + " before the measurement did");
            }
        }
    }

    @Override
    public void close() {
        processes.forEach(Process::destroyForcibly);
    }
}
