package org.xenvmc.migration.world;

import java.net.InetAddress;
import org.xenvmc.transport.Path;

/** Shared memory in all directions. */
final class SharedWorld extends VmcWorld {
    private SharedWorld(InetAddress loopback, Vm clientVm, Vm serverVm, HostDirectory host) {
        super(loopback, clientVm, serverVm, host);
    }

    static World oneVm(InetAddress loopback) {
        HostDirectory host = HostDirectory.create();
        Vm vm = Vm.on(host);
        return new SharedWorld(loopback, vm, vm, host);
    }

    static World twoVms(InetAddress loopback) {
        HostDirectory host = HostDirectory.create();
        return new SharedWorld(loopback, Vm.on(host), Vm.on(host), host);
    }

    static World ivshmem(InetAddress loopback) {
        HostDirectory host = HostDirectory.device();
        return new SharedWorld(loopback, Vm.on(host), Vm.on(host), host);
    }

    @Override
    void settle(Pair pair) throws Exception {
        route(pair).settleOn(Path.SHARED_MEMORY);
    }
}
