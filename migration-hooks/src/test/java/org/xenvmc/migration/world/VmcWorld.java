package org.xenvmc.migration.world;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.channels.spi.SelectorProvider;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Channels of this library: a VM for each side, or one for both, and the hosts that they use. */
abstract class VmcWorld extends World {
    final Vm clientVm;
    final Vm serverVm;
    final List<HostDirectory> hosts;

    VmcWorld(InetAddress loopback, Vm clientVm, Vm serverVm, HostDirectory... hosts) {
        super(loopback);
        this.clientVm = clientVm;
        this.serverVm = serverVm;
        this.hosts = List.of(hosts);
    }

    @Override
    public final SelectorProvider client() {
        return clientVm.provider();
    }

    @Override
    public final SelectorProvider server() {
        return serverVm.provider();
    }

    final Set<Vm> vms() {
        return new LinkedHashSet<>(List.of(clientVm, serverVm).subList(0, clientVm == serverVm ? 1 : 2));
    }

    final Route route(Pair pair) {
        return new Route(clientVm, serverVm, pair);
    }

    @Override
    void stop() throws Exception {
        try {
            vms().forEach(Vm::awaitNoConnections);
        } finally {
            vms().forEach(Vm::close);
        }
    }

    @Override
    final String leftBehind() throws IOException {
        StringBuilder text = new StringBuilder();
        for (HostDirectory host : hosts) {
            text.append(host.residue());
        }
        return text.toString();
    }

    @Override
    public void close() throws Exception {
        try {
            super.close();
        } finally {
            hosts.forEach(HostDirectory::close);
        }
    }
}
