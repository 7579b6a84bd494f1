package org.xenvmc.migration.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xenvmc.migration.cli.Reachability.Candidate;
import org.xenvmc.transport.HostStatus.VmEntry;
import org.xenvmc.transport.ReasonCode;
import org.xenvmc.transport.VmId;
import org.xenvmc.transport.VmcContext;

class ReachabilityTest {
    private static final String HERE = "net:[1]";
    private static final String THERE = "net:[2]";

    private static VmEntry vm(String network, String address, Integer... ports) {
        return new VmEntry(
                new VmId(address, 4), "uuid", 77, network, List.of(address, "fe80:0:0:0:0:0:0:1"), List.of(ports), 0);
    }

    private static Reachability look(String target, String ownLabel, Candidate... vms) {
        Reachability result = new Reachability(new InetSocketAddress(target, 80));
        result.candidates(List.of(vms), vm(ownLabel, "10.0.0.9"), HERE);
        return result;
    }

    @ParameterizedTest
    @CsvSource({
        // address, its VM's address, namespace, own label, its label, reachable
        "10.0.0.1,        10.0.0.1,    net:[1], '',  '',  true",
        "127.0.0.1,       10.0.0.1,    net:[1], '',  '',  true",
        "::1,             10.0.0.1,    net:[1], '',  '',  true",
        "10.0.0.2,        10.0.0.1,    net:[1], '',  '',  false",
        "127.0.0.1,       10.0.0.1,    net:[2], n,   n,   false",
        "fe80::1,         10.0.0.1,    net:[2], n,   n,   false",
        "10.0.0.1,        10.0.0.1,    net:[2], '',  '',  false",
        "10.0.0.1,        10.0.0.1,    net:[2], n,   m,   false",
        "10.0.0.1,        10.0.0.1,    net:[2], n,   n,   true",
        "100.64.0.1,      100.64.0.1,  net:[2], '',  '',  false",
        "fd00::1,         fd00:0:0:0:0:0:0:1, net:[2], '', '', false",
        "198.51.100.7,    198.51.100.7, net:[2], '', '',  true",
        "198.51.100.8,    198.51.100.7, net:[2], '', '',  false",
        "10.0.0.1,        10.0.0.1,    '',      '',  '',  false"
    })
    void shouldFollowWhatAddressesMean(
            String target, String address, String namespace, String ownLabel, String label, boolean reachable) {
        Reachability result = look(target, ownLabel, new Candidate(vm(label, address, 80), namespace));

        assertThat(result.possible()).as("%s", result).isEqualTo(reachable);
        assertThat(result.reason()).isEqualTo(reachable ? ReasonCode.NONE : ReasonCode.NOT_CO_RESIDENT);
    }

    @Test
    void shouldSayThatNobodyListens() {
        Reachability result = look("10.0.0.1", "", new Candidate(vm("", "10.0.0.1", 81, 443), HERE));

        assertThat(result.reason()).isEqualTo(ReasonCode.NOT_CO_RESIDENT);
        assertThat(result.toString()).contains("none of the 1 VMs of this host listens on port 80");
    }

    @Test
    void shouldFindTheOneThatFitsAmongSeveral() {
        Reachability result = look(
                "10.0.0.1",
                "",
                new Candidate(vm("", "10.0.0.1", 80), THERE),
                new Candidate(vm("", "10.0.0.1", 80), HERE));

        assertThat(result.possible()).as("%s", result).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "true,'','',NONE",
        "false,'','',SWITCHED_OFF",
        "true,'',*:80,DENIED_BY_RULE",
        "true,*:81,'',DENIED_BY_RULE"
    })
    void shouldLookAtTheConfiguration(boolean enabled, String allow, String deny, ReasonCode expected) {
        Reachability result = new Reachability(new InetSocketAddress("10.0.0.1", 80));

        result.configuration(
                new VmcContext().enabled(enabled).allow(allow).deny(deny).conclude(),
                new InetSocketAddress("10.0.0.9", 0));

        assertThat(result.reason()).isEqualTo(expected);
    }

    @Test
    void shouldKeepTheFirstReason() {
        Reachability result = new Reachability(new InetSocketAddress("::1", 80));

        result.bad("one", ReasonCode.NO_SPACE, "full");
        result.bad("two", ReasonCode.CLOSED, "gone");

        assertThat(result.toJson().toString())
                .isEqualTo("{\"target\":\"[0:0:0:0:0:0:0:1]:80\",\"reachable\":false,"
                        + "\"reason\":\"NO_SPACE\",\"reasonCode\":30,"
                        + "\"explanation\":\"" + ReasonCode.NO_SPACE.explanation()
                        + "\",\"steps\":[{\"name\":\"one\",\"good\":false,\"detail\":\"full\"},"
                        + "{\"name\":\"two\",\"good\":false,\"detail\":\"gone\"}]}");
    }
}
