package org.xenvmc.migration.world;

import java.net.InetAddress;

/** Connections that change their path all the time, while the test uses them. */
final class SwitchingWorld extends VmcWorld {
    private static final int SWITCHES_BEFORE_TEST = 2;

    private final Switcher switcher;

    private SwitchingWorld(InetAddress loopback, Vm clientVm, Vm serverVm, HostDirectory... hosts) {
        super(loopback, clientVm, serverVm, hosts);
        switcher = new Switcher(vms(), this.hosts);
    }

    static World oneVm(InetAddress loopback) {
        HostDirectory host = HostDirectory.create();
        Vm vm = Vm.on(host);
        return new SwitchingWorld(loopback, vm, vm, host);
    }

    static World twoVms(InetAddress loopback) {
        HostDirectory first = HostDirectory.create();
        HostDirectory second = HostDirectory.create();
        return new SwitchingWorld(loopback, Vm.on(first), Vm.on(first), first, second);
    }

    static World twoRegions(InetAddress loopback) {
        HostDirectory first = HostDirectory.device();
        HostDirectory second = HostDirectory.device();
        return new SwitchingWorld(loopback, Vm.on(first), Vm.on(first), first, second);
    }

    @Override
    void settle(Pair pair) throws Exception {
        switcher.start();
        route(pair).settleAfterSwitches(SWITCHES_BEFORE_TEST);
    }

    @Override
    void stop() throws Exception {
        try {
            switcher.close();
        } finally {
            super.stop();
        }
    }
}
