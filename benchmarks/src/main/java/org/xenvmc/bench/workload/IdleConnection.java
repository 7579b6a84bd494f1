package org.xenvmc.bench.workload;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.LockSupport;
import org.xenvmc.bench.transport.Endpoint;

/**
 * A connection without traffic: in both processes one thread is blocked in a read, and the processor time of all Java
 * threads (that one, the library's and the class library's) is taken, without the thread that measures and without the
 * one that waits for commands. The JIT compiler's and the collector's threads are no Java threads, so their noise is
 * not in it.
 */
public final class IdleConnection implements Workload {
    /** Result: processor time during the round, in nanoseconds. */
    public static final String CPU_NS = "cpuNs";
    /** Name of the thread that waits for commands. */
    public static final String COMMAND_THREAD = "bench-commands";

    private static final long CALM_NS = 200_000_000;

    @Override
    public Sample drive(Endpoint endpoint, WorkloadArguments arguments) throws IOException {
        return measure(endpoint.channel(), arguments);
    }

    @Override
    public Sample serve(Endpoint endpoint, WorkloadArguments arguments) throws IOException {
        return measure(endpoint.channel(), arguments);
    }

    private static Sample measure(SocketChannel channel, WorkloadArguments arguments) throws IOException {
        FutureTask<Void> read = new FutureTask<>(() -> {
            Transfer.readAll(channel, ByteBuffer.allocateDirect(1));
            return null;
        });
        Thread reader = new Thread(read, "bench-idle-reader");
        reader.setDaemon(true);
        reader.start();
        pause(CALM_NS);
        long start = System.nanoTime();
        Map<Long, Long> before = cpuTimesNs();
        pause(arguments.durationNs());
        long cpuNs = growthNs(before, cpuTimesNs());
        long elapsedNs = System.nanoTime() - start;
        // the other side may have begun a little later
        pause(CALM_NS);
        Transfer.writeAll(channel, ByteBuffer.allocateDirect(1));
        await(read);
        return new Sample().with(CPU_NS, cpuNs).with(Sample.ELAPSED_NS, elapsedNs);
    }

    private static void await(FutureTask<Void> read) throws IOException {
        try {
            read.get();
        } catch (ExecutionException e) {
            throw new IOException("reading from an idle connection: " + e.getCause(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while measuring an idle connection", e);
        }
    }

    private static void pause(long durationNs) {
        long end = System.nanoTime() + durationNs;
        for (long left = durationNs; left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private static Map<Long, Long> cpuTimesNs() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        Map<Long, Long> times = new HashMap<>();
        for (ThreadInfo info : threads.getThreadInfo(threads.getAllThreadIds())) {
            // null for a thread that has just ended
            if (info != null && counts(info)) {
                times.put(info.getThreadId(), threads.getThreadCpuTime(info.getThreadId()));
            }
        }
        return times;
    }

    private static boolean counts(ThreadInfo info) {
        return info.getThreadId() != Thread.currentThread().getId()
                && !info.getThreadName().equals(COMMAND_THREAD);
    }

    private static long growthNs(Map<Long, Long> before, Map<Long, Long> after) {
        return after.entrySet().stream()
                .mapToLong(e -> Math.max(0, e.getValue() - before.getOrDefault(e.getKey(), 0L)))
                .sum();
    }
}
