package org.xenvmc.migration.world;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.xenvmc.transport.Path;
import org.xenvmc.transport.ReasonCode;

/** Our channels with shared memory switched off: TCP, nothing added. */
final class PlainWorld extends VmcWorld {
    PlainWorld(InetAddress loopback) {
        this(loopback, HostDirectory.create());
    }

    private PlainWorld(InetAddress loopback, HostDirectory host) {
        this(loopback, new Vm(Vm.eager(host).enabled(false)), host);
    }

    private PlainWorld(InetAddress loopback, Vm vm, HostDirectory host) {
        super(loopback, vm, vm, host);
    }

    @Override
    void settle(Pair pair) throws Exception {
        route(pair).settleOn(Path.TCP);
        assertThat(clientVm.info(pair.client()).sending().reason()).isEqualTo(ReasonCode.SWITCHED_OFF);
        assertThat(serverVm.info(pair.server()).receiving().reason()).isEqualTo(ReasonCode.SWITCHED_OFF);
    }
}
