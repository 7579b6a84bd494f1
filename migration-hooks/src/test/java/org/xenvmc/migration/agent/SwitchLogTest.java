package org.xenvmc.migration.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.json.JsonObject;

/** Positions of switches, by hand-made looks. */
class SwitchLogTest {
    private final SwitchLog log = new SwitchLog();

    private static JsonObject direction(String path, long bytes, long ringBytes, long switches) {
        return new JsonObject()
                .put("path", path)
                .put("reason", "NONE")
                .put("bytes", bytes)
                .put("ringBytes", ringBytes)
                .put("switches", switches);
    }

    private List<JsonObject> look(JsonObject sending) throws Exception {
        return log.look(List.of(new JsonObject()
                .put("local", "10.0.0.1:1")
                .put("remote", "10.0.0.2:2")
                .put("sending", sending)
                .put("receiving", direction("TCP", 7, 0, 0))));
    }

    @Test
    void shouldTellTheByteAtWhichADirectionSwitched() throws Exception {
        assertThat(look(direction("TCP", 100, 0, 0))).isEmpty();
        assertThat(look(direction("SHARED_MEMORY", 1_000, 700, 1)).get(0).number("position"))
                .isEqualTo(300);
        assertThat(look(direction("SHARED_MEMORY", 2_000, 1_700, 1))).isEmpty();
        assertThat(look(direction("TCP_FRAMED", 5_000, 2_200, 2)).get(0).number("position"))
                .isEqualTo(2_500);
        JsonObject last = look(direction("SHARED_MEMORY", 6_000, 2_300, 3)).get(0);
        assertThat(last.number("position")).isEqualTo(5_900);
        assertThat(last.text("direction")).isEqualTo("sending");
    }

    @Test
    void shouldKnowTheFirstSwitchOfAConnectionThatIsNew() throws Exception {
        assertThat(look(direction("SHARED_MEMORY", 1_000, 700, 1)).get(0).number("position"))
                .isEqualTo(300);
    }

    @Test
    void shouldGiveOnlyTheRangeOfSeveralSwitches() throws Exception {
        look(direction("TCP", 100, 0, 0));

        JsonObject event = look(direction("TCP_FRAMED", 900, 300, 2)).get(0);

        assertThat(event.has("position")).isFalse();
        assertThat(event.number("switches")).isEqualTo(2);
        assertThat(event.number("from")).isEqualTo(100);
        assertThat(event.number("until")).isEqualTo(900);
    }

    @Test
    void shouldForgetConnectionsThatAreGone() throws Exception {
        look(direction("SHARED_MEMORY", 1_000, 700, 1));
        assertThat(log.look(List.of())).isEmpty();

        assertThat(look(direction("SHARED_MEMORY", 50, 20, 1)).get(0).number("position"))
                .isEqualTo(30);
    }
}
