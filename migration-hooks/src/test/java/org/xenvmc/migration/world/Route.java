package org.xenvmc.migration.world;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.ConnectionInfo.Direction;
import org.xenvmc.transport.Path;

/** Drives both directions of an idle connection with single bytes until they are where a test wants them. */
public final class Route {
    private static final long LIMIT_NS = 15_000_000_000L;
    private static final long PAUSE_NS = 200_000;

    private final Vm clientVm;
    private final Vm serverVm;
    private final Pair pair;

    /** For a connection between these two VMs, which may be one and the same. */
    public Route(Vm clientVm, Vm serverVm, Pair pair) {
        this.clientVm = clientVm;
        this.serverVm = serverVm;
        this.pair = pair;
    }

    /** Exchanges bytes until all four directions are on this path. */
    public void settleOn(Path path) throws Exception {
        settle("on " + path, all -> all.stream().allMatch(d -> d.path() == path));
    }

    /** Exchanges bytes until the connection has changed its path so many times, in both directions together. */
    public void settleAfterSwitches(int switches) throws Exception {
        settle(
                "after " + switches + " switches",
                all -> all.stream().mapToLong(Direction::switches).sum() >= 2L * switches);
    }

    private void settle(String what, Predicate<List<Direction>> wanted) throws Exception {
        long start = System.nanoTime();
        while (!wanted.test(directions())) {
            if (System.nanoTime() - start > LIMIT_NS) {
                throw new AssertionError("not " + what + ":\n  client " + clientVm.find(pair.client()) + "\n  server "
                        + serverVm.find(pair.server()) + "\n  client's host "
                        + clientVm.engine().hostStatus() + "\n  server's host "
                        + serverVm.engine().hostStatus());
            }
            exchange(pair.client(), pair.server());
            exchange(pair.server(), pair.client());
            LockSupport.parkNanos(PAUSE_NS);
        }
    }

    /** The directions as both ends see them: nothing before both ends know of the connection. */
    private List<Direction> directions() throws IOException {
        List<Direction> all = new ArrayList<>();
        ConnectionInfo c = clientVm.info(pair.client());
        ConnectionInfo s = serverVm.info(pair.server());
        all.addAll(List.of(c.sending(), c.receiving(), s.sending(), s.receiving()));
        return all;
    }

    private static void exchange(SocketChannel from, SocketChannel to) throws IOException {
        Io.write(from, "w");
        if (!Io.read(to, 1).equals("w")) {
            throw new AssertionError("another byte came than was sent");
        }
    }
}
