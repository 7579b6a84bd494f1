package org.xenvmc.shm.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xenvmc.shm.provider.Member;
import org.xenvmc.transport.spi.Reach;

class CoResidencyTableTest {
    /** A member that says this about itself, and nothing else. */
    private static Member member(long namespace, String network, String address, int port) {
        return (Member) Proxy.newProxyInstance(
                Member.class.getClassLoader(),
                new Class<?>[] {Member.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "networkNamespace" -> namespace;
                    case "network" -> network;
                    case "addresses" -> List.of(address, "fe80:0:0:0:0:0:0:1");
                    case "listensOn" -> (int) arguments[0] == port;
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }

    @ParameterizedTest
    @CsvSource({
        // address, its VM's address, namespace, own label, its label, reach
        "10.0.0.1,        10.0.0.1,    1, '',  '',  POSSIBLE",
        "127.0.0.1,       10.0.0.1,    1, '',  '',  POSSIBLE",
        "::1,             10.0.0.1,    1, '',  '',  POSSIBLE",
        "10.0.0.2,        10.0.0.1,    1, '',  '',  POSSIBLE",
        "127.0.0.1,       10.0.0.1,    2, n,   n,   OTHER_NAMESPACE",
        "fe80::1,         10.0.0.1,    2, n,   n,   OTHER_NAMESPACE",
        "10.0.0.1,        10.0.0.1,    2, '',  '',  OTHER_NETWORK",
        "10.0.0.1,        10.0.0.1,    2, n,   m,   OTHER_NETWORK",
        "10.0.0.1,        10.0.0.1,    2, n,   n,   POSSIBLE",
        "10.0.0.2,        10.0.0.1,    2, n,   n,   OTHER_ADDRESS",
        "100.64.0.1,      100.64.0.1,  2, '',  '',  OTHER_NETWORK",
        "fd00::1,         fd00:0:0:0:0:0:0:1, 2, '', '', OTHER_NETWORK",
        "198.51.100.7,    198.51.100.7, 2, '', '',  POSSIBLE",
        "198.51.100.8,    198.51.100.7, 2, '', '',  OTHER_ADDRESS"
    })
    void shouldFollowWhatAddressesMean(
            String target, String address, long namespace, String ownLabel, String label, Reach reach)
            throws Exception {
        Member self = member(1, ownLabel, "10.0.0.9", 80);
        Member vm = member(namespace, label, address, 80);
        InetAddress to = InetAddress.getByName(target);

        assertThat(CoResidencyTable.reach(new InetSocketAddress(to, 80), vm, self))
                .isEqualTo(reach);
        assertThat(CoResidencyTable.reach(new InetSocketAddress(to, 81), vm, self))
                .isEqualTo(Reach.NOT_LISTENING);
        assertThat(CoResidencyTable.reaches(to, vm, self)).isEqualTo(reach == Reach.POSSIBLE);
    }
}
