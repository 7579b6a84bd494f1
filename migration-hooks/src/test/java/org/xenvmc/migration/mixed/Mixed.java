package org.xenvmc.migration.mixed;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.xenvmc.migration.world.HostDirectory;
import org.xenvmc.migration.world.Residue;
import org.xenvmc.migration.world.Vm;
import org.xenvmc.transport.VmcContext;

/** What tests of mixed worlds share: everything they open is closed, and nothing is left behind. */
@Timeout(60)
abstract class Mixed {
    private final Residue before = Residue.now();
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    final HostDirectory host = HostDirectory.create();

    <C extends AutoCloseable> C track(C closeable) {
        opened.addFirst(closeable);
        return closeable;
    }

    final Vm vm() {
        return vm(c -> c);
    }

    final Vm vm(UnaryOperator<VmcContext> changes) {
        return track(Vm.on(host, changes));
    }

    final MixedPair connect(Vm client, Vm server) throws IOException {
        return track(new MixedPair(client.provider(), server.provider()));
    }

    @AfterEach
    void closeAll() throws Exception {
        try {
            for (AutoCloseable c : opened) {
                c.close();
            }
            before.awaitNothingNew(host::residue);
        } finally {
            removeHost();
        }
    }

    void removeHost() throws Exception {
        host.close();
    }
}
