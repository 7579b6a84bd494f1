package org.xenvmc.migration.mixed;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.world.Vm;
import org.xenvmc.transport.ConnectionInfo.Direction;
import org.xenvmc.transport.Path;
import org.xenvmc.transport.ReasonCode;

/** Different rules, budgets and switches on the two sides. */
class RulesTest extends Mixed {
    @Test
    void shouldStayOnTcpWhenTheClientDenies() throws Exception {
        Vm client = vm(c -> c.deny("127.0.0.0/8"));
        Vm server = vm();
        MixedPair pair = connect(client, server);
        pair.assertWorks();
        pair.awaitReason(client, pair.client(), ReasonCode.DENIED_BY_RULE);
        pair.awaitPath(server, pair.server(), Path.TCP);
    }

    @Test
    void shouldStayOnTcpWhenTheServerDenies() throws Exception {
        Vm client = vm();
        Vm server = vm(c -> c.deny("*"));
        MixedPair pair = connect(client, server);
        pair.assertWorks();
        pair.awaitReason(client, pair.client(), ReasonCode.PEER_DENIED);
        pair.awaitReason(server, pair.server(), ReasonCode.DENIED_BY_RULE);
    }

    @Test
    void shouldStayOnTcpWhenTheServerAllowsOnlyOthers() throws Exception {
        Vm client = vm(c -> c.allow("127.0.0.1"));
        Vm server = vm(c -> c.allow("10.0.0.0/8,[::1]"));
        MixedPair pair = connect(client, server);
        pair.assertWorks();
        pair.awaitReason(client, pair.client(), ReasonCode.PEER_DENIED);
        pair.awaitReason(server, pair.server(), ReasonCode.DENIED_BY_RULE);
    }

    @Test
    void shouldUseSharedMemoryWhenBothAllow() throws Exception {
        Vm client = vm(c -> c.allow("127.0.0.1").deny("127.0.0.1:1-1023"));
        Vm server = vm(c -> c.allow("127.0.0.0/8"));
        MixedPair pair = connect(client, server);
        pair.awaitPath(client, pair.client(), Path.SHARED_MEMORY);
        pair.awaitPath(server, pair.server(), Path.SHARED_MEMORY);
        pair.assertWorks();
    }

    @Test
    void shouldStayOnTcpWhenOneSideIsSwitchedOff() throws Exception {
        Vm client = vm();
        Vm server = vm(c -> c.enabled(false));
        MixedPair pair = connect(client, server);
        pair.assertWorks();
        pair.awaitReason(server, pair.server(), ReasonCode.SWITCHED_OFF);
        pair.awaitPath(client, pair.client(), Path.TCP);
        MixedPair back = connect(server, client);
        back.assertWorks();
        back.awaitReason(server, back.client(), ReasonCode.SWITCHED_OFF);
    }

    @Test
    void shouldLeaveAndComeBackWhenTheKillSwitchIsUsed() throws Exception {
        Vm client = vm();
        Vm server = vm();
        MixedPair pair = connect(client, server);
        for (Vm switched : List.of(client, server, client)) {
            pair.awaitPath(client, pair.client(), Path.SHARED_MEMORY);
            pair.awaitPath(server, pair.server(), Path.SHARED_MEMORY);
            switched.engine().setEnabled(false);
            pair.awaitPath(client, pair.client(), Path.FRAMED_TCP);
            pair.awaitPath(server, pair.server(), Path.FRAMED_TCP);
            pair.awaitReason(switched, switched == client ? pair.client() : pair.server(), ReasonCode.SWITCHED_OFF);
            pair.assertWorks();
            MixedPair fresh = connect(client, server);
            fresh.assertWorks();
            fresh.awaitPath(client, fresh.client(), Path.TCP);
            switched.engine().setEnabled(true);
        }
        pair.awaitPath(client, pair.client(), Path.SHARED_MEMORY);
        pair.assertWorks();
    }

    @Test
    void shouldUseSharedMemoryWhenNetworksHaveTheSameLabel() throws Exception {
        Vm client = vm(c -> c.network("blue"));
        Vm server = vm(c -> c.network("blue"));
        MixedPair pair = connect(client, server);
        pair.awaitPath(client, pair.client(), Path.SHARED_MEMORY);
        pair.assertWorks();
    }

    @Test
    void shouldStayOnTcpWhenThereIsNoBudget() throws Exception {
        Vm client = vm(c -> c.budgetBytes(0));
        Vm server = vm(c -> c.budgetBytes(0));
        MixedPair pair = connect(client, server);
        pair.assertWorks();
        pair.awaitReason(server, pair.server(), ReasonCode.BUDGET_EXHAUSTED);
        pair.awaitPath(client, pair.client(), Path.TCP);
    }

    @Test
    void shouldStayOnTcpWhenTheClientHasNoBudget() throws Exception {
        Vm client = vm(c -> c.budgetBytes(0));
        Vm server = vm();
        MixedPair pair = connect(client, server);
        pair.assertWorks();
        pair.awaitReason(client, pair.client(), ReasonCode.BUDGET_EXHAUSTED);
        pair.awaitPath(server, pair.server(), Path.TCP);
    }

    @Test
    void shouldStayOnTcpWhenThePeerHasNoBudget() throws Exception {
        Vm client = vm();
        Vm server = vm(c -> c.budgetBytes(0));
        MixedPair pair = connect(client, server);
        pair.assertWorks();
        pair.awaitReason(client, pair.client(), ReasonCode.PEER_WITHOUT_MEMORY);
        pair.awaitReason(server, pair.server(), ReasonCode.BUDGET_EXHAUSTED);
    }

    @Test
    void shouldServeTheOthersOverTcpWhenTheBudgetIsUsedUp() throws Exception {
        Vm client = vm(c -> c.budgetBytes(1 << 20));
        Vm server = vm();
        List<MixedPair> pairs = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            MixedPair pair = connect(client, server);
            pair.assertWorksBriefly();
            pairs.add(pair);
        }
        MixedPair last = pairs.get(pairs.size() - 1);
        last.awaitReason(client, last.client(), ReasonCode.BUDGET_EXHAUSTED);
        pairs.get(0).awaitPath(client, pairs.get(0).client(), Path.SHARED_MEMORY);
        for (MixedPair pair : pairs) {
            pair.assertWorksBriefly();
        }
    }

    @Test
    void shouldServeTheOthersOverTcpWhenTheTableIsFull() throws Exception {
        Vm client = vm(c -> c.maxConnections(2));
        Vm server = vm();
        MixedPair first = connect(client, server);
        first.awaitPath(client, first.client(), Path.SHARED_MEMORY);
        MixedPair second = connect(client, server);
        second.awaitPath(client, second.client(), Path.SHARED_MEMORY);
        MixedPair third = connect(client, server);
        third.assertWorks();
        third.awaitReason(client, third.client(), ReasonCode.TABLE_FULL);
        first.close();
        MixedPair fourth = connect(client, server);
        fourth.awaitPath(client, fourth.client(), Path.SHARED_MEMORY);
        fourth.assertWorks();
        Direction direction = client.info(third.client()).sending();
        assertThat(direction.path()).isEqualTo(Path.TCP);
    }
}
