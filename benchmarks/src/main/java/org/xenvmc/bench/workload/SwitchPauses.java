package org.xenvmc.bench.workload;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.xenvmc.bench.transport.Endpoint;

/**
 * A stream of time-stamped blocks, as fast as it goes, while the server's process takes its connections off shared
 * memory and puts them on again. Reports the longest time for which the reader got nothing around each switch.
 */
public final class SwitchPauses implements Workload {
    /** Setting of the server: how many switches, there and back counted apart. */
    public static final String SWITCHES = "switches";
    /**
     * Setting of the server: for how many milliseconds to switch before the switches that count. Each round enters the loops of both
     * ends anew, and the compiler, which has to do with them for a moment, takes the processors from stream and switch.
     */
    public static final String SETTLE_MS = "settleMs";
    /** Result of the server: the longest gap around each switch to TCP, in nanoseconds. */
    public static final String LEAVE_GAPS_NS = "leaveGapsNs";
    /** Result of the server: the longest gap around each switch to shared memory, in nanoseconds. */
    public static final String JOIN_GAPS_NS = "joinGapsNs";

    private static final int STAMP_OFFSET = 0;
    private static final int MARK_OFFSET = Long.BYTES;

    @Override
    public Sample drive(Endpoint endpoint, WorkloadArguments arguments) throws IOException {
        SocketChannel channel = endpoint.channel();
        FutureTask<Void> enough = new FutureTask<>(() -> {
            Transfer.readAll(channel, ByteBuffer.allocateDirect(1));
            return null;
        });
        Thread listener = new Thread(enough, "bench-pause-listener");
        listener.setDaemon(true);
        listener.start();
        ByteBuffer block = ByteBuffer.allocateDirect(arguments.sizeBytes());
        long blocks = 0;
        do {
            send(channel, block, Transfer.GO);
            blocks++;
        } while (!enough.isDone());
        await(enough, "waiting for the reader's sign");
        send(channel, block, Transfer.STOP);
        return new Sample().with(Sample.OPERATIONS, blocks + 1);
    }

    private static void send(SocketChannel channel, ByteBuffer block, byte mark) throws IOException {
        block.putLong(STAMP_OFFSET, System.nanoTime()).put(MARK_OFFSET, mark);
        Transfer.writeAll(channel, block);
    }

    @Override
    public Sample serve(Endpoint endpoint, WorkloadArguments arguments) throws IOException {
        int switches = Math.toIntExact(arguments.setting(SWITCHES, 50));
        GapRecorder gaps = new GapRecorder();
        long settleNs = TimeUnit.MILLISECONDS.toNanos(arguments.setting(SETTLE_MS, 0));
        PathSwitcher switcher = new PathSwitcher(endpoint, gaps, settleNs, switches);
        FutureTask<Void> switching = new FutureTask<>(() -> {
            try {
                switcher.run();
            } finally {
                // ends the stream, whatever happened
                Transfer.writeAll(endpoint.channel(), ByteBuffer.allocateDirect(1));
            }
            return null;
        });
        Thread thread = new Thread(switching, "bench-pause-switcher");
        thread.setDaemon(true);
        thread.start();
        long blocks = receive(endpoint.channel(), arguments.sizeBytes(), gaps);
        await(switching, "switching paths");
        return new Sample()
                .with(Sample.OPERATIONS, blocks)
                .with(LEAVE_GAPS_NS, switcher.leaveGapsNs())
                .with(JOIN_GAPS_NS, switcher.joinGapsNs());
    }

    private static long receive(SocketChannel channel, int blockBytes, GapRecorder gaps) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(Math.max(StreamSend.READ_BUFFER_BYTES, 2 * blockBytes));
        long blocks = 0;
        long stamp = Long.MIN_VALUE;
        byte mark = Transfer.GO;
        while (mark != Transfer.STOP) {
            if (channel.read(buffer) < 0) {
                throw Transfer.endOfStream(channel, buffer);
            }
            gaps.arrived(System.nanoTime());
            buffer.flip();
            while (buffer.remaining() >= blockBytes) {
                long next = buffer.getLong(buffer.position() + STAMP_OFFSET);
                mark = buffer.get(buffer.position() + MARK_OFFSET);
                buffer.position(buffer.position() + blockBytes);
                if (next < stamp) {
                    throw new IOException("block " + blocks + " was sent at " + next + " ns, the one before at " + stamp
                            + " ns: the stream is out of order");
                }
                stamp = next;
                blocks++;
            }
            buffer.compact();
        }
        return blocks;
    }

    private static void await(FutureTask<Void> task, String what) throws IOException {
        try {
            task.get();
        } catch (ExecutionException e) {
            throw new IOException(what + ": " + e.getCause(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + what, e);
        }
    }
}
