package org.xenvmc.migration.world;

import java.net.InetAddress;
import org.xenvmc.transport.Path;

/** Connections that were on shared memory and whose client then left the host: frames on TCP. */
final class FramedWorld extends VmcWorld {
    private boolean settledBefore;

    FramedWorld(InetAddress loopback) {
        this(loopback, HostDirectory.create());
    }

    private FramedWorld(InetAddress loopback, HostDirectory host) {
        super(loopback, Vm.on(host), Vm.on(host), host);
    }

    @Override
    void settle(Pair pair) throws Exception {
        if (settledBefore) {
            clientVm.engine().joinHost(hosts.get(0).name());
        }
        settledBefore = true;
        route(pair).settleOn(Path.SHARED_MEMORY);
        clientVm.leave();
        route(pair).settleOn(Path.FRAMED_TCP);
    }
}
