package org.xenvmc.migration.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.json.JsonException;
import org.xenvmc.migration.json.JsonObject;

class StatTableTest {
    private static JsonObject vm(int domId) {
        return new JsonObject()
                .put("domId", domId)
                .put("uuid", "uuid-" + domId)
                .put("pid", 100 + domId)
                .put("address", "10.0.0." + domId)
                .put("network", "")
                .put("ports", List.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
    }

    private static JsonObject direction(String path, String reason, int capacity, int fill) {
        return new JsonObject()
                .put("path", path)
                .put("reason", reason)
                .put("bytes", 5000)
                .put("ringBytes", 4000)
                .put("switches", 3)
                .put("ringCapacityBytes", capacity)
                .put("ringFillBytes", fill)
                .put("sleeps", 11)
                .put("wakeUps", 12);
    }

    private static String render(JsonObject... vms) throws JsonException {
        return StatTable.render(new JsonObject().put("host", "/h").put("vms", List.of(vms)));
    }

    @Test
    void shouldShowPathAndReasonOfEachDirection() throws JsonException {
        JsonObject connection = new JsonObject()
                .put("local", "10.0.0.1:80")
                .put("remote", "10.0.0.2:4000")
                .put("peer", new JsonObject().put("domId", 2))
                .put("sending", direction("SHARED_MEMORY", "NONE", 65536, 32768))
                .put("receiving", direction("FRAMED_TCP", "MIGRATING", 0, 0));
        String text =
                render(vm(1).put("phase", "PRE_COPY").put("reason", "NONE").put("connections", List.of(connection)));

        assertThat(text).contains("host /h: 1 VM\n", "PRE_COPY", "1,2,3,4,5,6,7,8,... (10)");
        assertThat(text)
                .containsPattern(
                        "1  10.0.0.1:80  ->  10.0.0.2:4000 +2  memory +- +5.00 kB +4.00 kB  50% of 64 KiB +3 +11 +12");
        assertThat(text).containsPattern(" <- +tcp framed  MIGRATING \\(41\\) +5.00 kB +4.00 kB +- ");
        assertThat(text).contains("2 directions: 1 on shared memory, 1 on TCP");
        assertThat(text).contains("1 x MIGRATING (41): this VM or the peer is being migrated");
    }

    @Test
    void shouldShowAVmThatDoesNotAnswer() throws JsonException {
        String text = render(vm(1).put("error", "VM 1 did not answer"));

        assertThat(text).contains("uuid-1", "?", "VM 1: VM 1 did not answer").doesNotContain("directions");
    }

    @Test
    void shouldShowReasonsThatItDoesNotKnow() throws JsonException {
        JsonObject connection = new JsonObject()
                .put("local", "a")
                .put("remote", "b")
                .put("sending", direction("TCP", "SOLAR_FLARE", 0, 0))
                .put("receiving", direction("TCP", "SOLAR_FLARE", 0, 0));

        String text = render(
                vm(1).put("phase", "SETTLED").put("reason", "SOLAR_FLARE").put("connections", List.of(connection)));

        assertThat(text).contains("2 x SOLAR_FLARE\n");
    }

    @Test
    void shouldSayThatNobodyIsThere() throws JsonException {
        assertThat(render()).isEqualTo("host /h: 0 VMs\n");
    }
}
