package org.xenvmc.migration.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.xenvmc.transport.HostStatus.VmEntry;
import org.xenvmc.transport.ReasonCode;
import org.xenvmc.transport.VmId;
import org.xenvmc.transport.VmcContext;
import org.xenvmc.transport.spi.Candidate;
import org.xenvmc.transport.spi.Reach;

class ReachabilityTest {
    private static final Reachability.Peers WILLING = vm -> ReasonCode.NONE;
    private static final InetSocketAddress TARGET = new InetSocketAddress("10.0.0.1", 80);

    private static Candidate vm(int domId, Reach reach) {
        return new Candidate(
                new VmEntry(
                        new VmId("10.0.0." + domId, domId), "uuid", 77, "", List.of("10.0.0." + domId), List.of(80), 0),
                reach);
    }

    private static Reachability look(boolean isHere, Reachability.Peers peers, Candidate... vms) {
        Reachability result = new Reachability(TARGET);
        result.candidates(
                new Viewpoint(new InetSocketAddress("10.0.0.9", 0), ReasonCode.NONE, isHere, Arrays.asList(vms)),
                peers);
        return result;
    }

    @ParameterizedTest
    @EnumSource(Reach.class)
    void shouldFollowWhatTheTableSays(Reach reach) {
        Reachability result = look(true, WILLING, vm(1, reach));

        boolean possible = reach == Reach.POSSIBLE;
        assertThat(result.possible()).as("%s", result).isEqualTo(possible);
        assertThat(result.reason()).isEqualTo(possible ? ReasonCode.NONE : ReasonCode.NOT_CO_RESIDENT);
        if (!possible && reach != Reach.NOT_LISTENING) {
            assertThat(result.toString()).contains("VM 1 (pid 77) listens on the port, but " + reach.explanation());
        }
    }

    @Test
    void shouldSayThatNobodyListens() {
        Reachability result = look(true, WILLING, vm(1, Reach.NOT_LISTENING), vm(2, Reach.NOT_LISTENING));

        assertThat(result.toString()).contains("none of the 2 VMs of this host listens on port 80");
    }

    @Test
    void shouldFindTheOneThatFitsAmongSeveral() {
        Reachability result = look(true, WILLING, vm(1, Reach.OTHER_NAMESPACE), vm(2, Reach.POSSIBLE));

        assertThat(result.possible()).as("%s", result).isTrue();
    }

    @Test
    void shouldSayThatAnAddressOfAnotherMachineIsNotMirrored() {
        Reachability result = look(false, WILLING, vm(2, Reach.POSSIBLE));

        assertThat(result.reason()).isEqualTo(ReasonCode.NO_MIRRORED_CONNECTION);
    }

    @ParameterizedTest
    @CsvSource({
        "NONE, NONE",
        "DENIED_BY_RULE, PEER_DENIED",
        "SWITCHED_OFF, PEER_DENIED",
        "TABLE_FULL, PEER_WITHOUT_MEMORY"
    })
    void shouldNameTheAnswerOfTheListener(ReasonCode answer, ReasonCode expected) {
        assertThat(look(true, vm -> answer, vm(1, Reach.POSSIBLE)).reason()).isEqualTo(expected);
    }

    @Test
    void shouldBeContentWithOneOfSeveralListeners() {
        Reachability result = look(
                true,
                vm -> vm.id().domId() == 1 ? ReasonCode.SWITCHED_OFF : ReasonCode.NONE,
                vm(1, Reach.POSSIBLE),
                vm(2, Reach.POSSIBLE));

        assertThat(result.possible()).as("%s", result).isTrue();
    }

    @Test
    void shouldTellSilenceFromAnOlderVersion() {
        Reachability silent = look(
                true,
                vm -> {
                    throw new IOException("no answer", new TimeoutException());
                },
                vm(1, Reach.POSSIBLE));
        Reachability older = look(
                true,
                vm -> {
                    throw new IOException("unknown command");
                },
                vm(1, Reach.POSSIBLE));

        assertThat(silent.reason()).isEqualTo(ReasonCode.PEER_SILENT);
        assertThat(older.possible()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "true,'','',NONE",
        "false,'','',SWITCHED_OFF",
        "true,'',*:80,DENIED_BY_RULE",
        "true,*:81,'',DENIED_BY_RULE"
    })
    void shouldLookAtTheConfiguration(boolean enabled, String allow, String deny, ReasonCode expected) {
        Reachability result = new Reachability(TARGET);

        result.configuration(
                new VmcContext().enabled(enabled).allow(allow).deny(deny).conclude(),
                new InetSocketAddress("10.0.0.9", 0));

        assertThat(result.reason()).isEqualTo(expected);
    }

    @ParameterizedTest
    @EnumSource(ReasonCode.class)
    void shouldSayWhatToDoAboutEveryReason(ReasonCode reason) {
        Reachability result = new Reachability(TARGET);
        result.bad("step", reason, "detail");

        if (reason == ReasonCode.NONE) {
            assertThat(result.toString()).doesNotContain("What to do");
        } else {
            assertThat(result.toString())
                    .contains(
                            "stays on TCP: " + reason + " (" + reason.code() + "), " + reason.explanation(),
                            "What to do: " + Advice.on(reason));
            assertThat(Advice.on(reason)).isNotEmpty();
        }
    }

    @Test
    void shouldKeepTheFirstReason() throws IOException {
        Reachability result = new Reachability(new InetSocketAddress("::1", 80));

        result.bad("one", ReasonCode.NO_SPACE, "full");
        result.bad("two", ReasonCode.CLOSED, "gone");

        assertThat(result.toJson().text("target")).isEqualTo("[0:0:0:0:0:0:0:1]:80");
        assertThat(result.toJson().text("reason")).isEqualTo("NO_SPACE");
        assertThat(result.toJson().number("reasonCode")).isEqualTo(30);
        assertThat(result.toJson().objects("steps")).hasSize(2);
    }
}
