package org.xenvmc.migration.world;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/** Moves VMs between hosts, nearly as fast as the moves complete, until it is closed. */
public final class Switcher {
    private static final int MAX_STAY_NS = 10_000_000;

    private final List<Vm> vms;
    private final List<HostDirectory> hosts;
    private final Random random = new Random(TestSeed.next("switcher"));
    private Background<Integer> loop;
    private volatile boolean stop;

    /** For these VMs and hosts; does nothing before {@link #start()}. */
    public Switcher(Collection<Vm> vms, List<HostDirectory> hosts) {
        this.vms = List.copyOf(vms);
        this.hosts = hosts;
    }

    /** Starts moving; idempotent. */
    public synchronized void start() {
        if (loop == null) {
            loop = Background.start(this::moveUntilStopped);
        }
    }

    private int moveUntilStopped() throws IOException {
        int moves = 0;
        while (!stop) {
            Vm vm = vms.get(random.nextInt(vms.size()));
            vm.leave();
            vm.engine().joinHost(hosts.get(random.nextInt(hosts.size())).name());
            moves++;
            stay();
        }
        return moves;
    }

    /** Every second time long enough for an upgrade, in most cases. */
    private void stay() {
        if (random.nextBoolean()) {
            LockSupport.parkNanos(random.nextInt(MAX_STAY_NS));
        }
    }

    /** Stops; throws what made a move fail. */
    public synchronized void close() throws Exception {
        stop = true;
        if (loop != null) {
            loop.result();
        }
    }
}
