package org.xenvmc.bench.figure;

import java.util.List;
import org.xenvmc.bench.netty.NettyRoute;
import org.xenvmc.bench.session.NettyContender;
import org.xenvmc.bench.session.Task;

/** Our transport for Netty against Netty's NIO transport over our provider, and against that over the JDK's sockets. */
final class NettyFigures {
    private static final NettyContender OURS = new NettyContender("ours", NettyRoute.HANDLER);
    private static final NettyContender NIO = new NettyContender("nio", NettyRoute.NIO);
    private static final NettyContender JDK = new NettyContender("jdk", NettyRoute.JDK);
    private static final int WARM_UPS = 8; // until the compiler is done with Netty
    private static final int BLOCK_BYTES = 64 * 1024;

    private NettyFigures() {}

    static List<Figure> all() {
        Metric rate = Metric.operations("round trips/s", Goal.ratioAtLeast(1));
        Metric megabytes = Metric.megabytes(Goal.ratioAtLeast(1));
        return List.of(
                figure("rr", "round trip 1 B", Task.ofProgram("rr", 1), rate),
                figure("stream", "stream of " + BLOCK_BYTES + " B", Task.ofProgram("stream", BLOCK_BYTES), megabytes));
    }

    private static Figure figure(String id, String title, Task task, Metric metric) {
        return new PairedFigure(
                        "netty." + id, "VmcIoHandler against NIO on our provider: " + title, task, OURS, NIO, metric)
                .also(JDK)
                .warmUps(WARM_UPS);
    }
}
