package org.xenvmc.bench.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class ScenariosTest {
    private static List<String> ids(List<Scenario> scenarios) {
        return scenarios.stream().map(Scenario::id).toList();
    }

    @Test
    void shouldHaveThePapersMatrixWhenNothingIsChosen() {
        assertThat(ids(Scenarios.all())).doesNotHaveDuplicates();
        for (int n : new int[] {4, 8, 12, 16, 20}) {
            for (int mb : new int[] {1, 3}) {
                String group = "mail." + n + "x" + mb;
                assertThat(ids(Scenarios.all())).contains(group + ".tcp", group + ".early", group + ".keep");
            }
        }
        assertThat(Scenarios.find("mail.20x3.keep").mails()).isEqualTo(400);
    }

    @Test
    void shouldHaveTheFloorAndThePlainPeerWhenACaseIsComparedWithThem() {
        List<String> all = ids(Scenarios.all());
        for (Scenario s : Scenarios.all()) {
            if (s.load() == Load.MAIL || s.load() == Load.DATA) {
                assertThat(all).contains(s.floor(), s.group() + ".tcp");
            }
        }
    }

    @Test
    void shouldFindAllThatMatchWhenANameHasAStar() {
        assertThat(ids(Scenarios.named(List.of("data.w96.r24.*", "link"))))
                .containsExactly("data.w96.r24.tcp", "data.w96.r24.keep", "data.w96.r24.place", "link");
        assertThat(ids(Scenarios.named(List.of("mail.*x3.keep")))).hasSize(5);
    }

    @Test
    void shouldRefuseANameWhenNoCaseHasIt() {
        assertThatThrownBy(() -> Scenarios.named(List.of("data.w97.*"))).hasMessageContaining("data.w97.*");
    }
}
