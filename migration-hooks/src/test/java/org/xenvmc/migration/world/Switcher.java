package org.xenvmc.migration.world;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Random;

/** Moves VMs between hosts, as fast as the moves complete, until it is closed. */
public final class Switcher {
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
        }
        return moves;
    }

    /** Stops; throws what made a move fail. */
    public synchronized void close() throws Exception {
        stop = true;
        if (loop != null) {
            loop.result();
        }
    }
}
