package org.xenvmc.migration.mixed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.channels.spi.SelectorProvider;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.process.ChildVm;
import org.xenvmc.migration.world.Vm;
import org.xenvmc.transport.ReasonCode;

/** The same loopback address and port mean somebody else in another network namespace. */
class NamespaceTest extends Mixed {
    private static ChildVm start(Mixed test) throws Exception {
        try {
            ChildVm child = ChildVm.inOwnNamespace(test.host);
            assumeTrue(child != null, "namespaces are forbidden here");
            return test.track(child);
        } catch (IOException e) {
            assumeTrue(false, "no tools for namespaces here: " + e.getMessage());
            throw e;
        }
    }

    @Test
    void shouldStayOnTcpWhenOnlyAnotherNamespaceListensOnThatPort() throws Exception {
        ChildVm stranger = start(this);
        Vm vm = vm();
        MixedPair pair = track(new MixedPair(vm.provider(), SelectorProvider.provider()));
        int port = pair.client().socket().getPort();
        assertThat(stranger.askPort("listen " + port)).isEqualTo(port);
        Awaitility.await("the stranger's port")
                .atMost(Duration.ofSeconds(10))
                .until(() -> vm.engine().hostStatus().vms().stream()
                        .anyMatch(v -> v.pid() == stranger.pid() && v.ports().contains(port)));
        MixedPair second = track(new MixedPair(vm.provider(), pair));
        second.assertWorks();
        second.awaitReason(vm, second.client(), ReasonCode.NOT_CO_RESIDENT);
        assertThat(stranger.ask("paths")).isEqualTo("{}");
        stranger.exit();
    }
}
