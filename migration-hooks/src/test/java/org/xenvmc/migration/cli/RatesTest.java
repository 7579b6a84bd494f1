package org.xenvmc.migration.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.json.JsonException;
import org.xenvmc.migration.json.JsonObject;

class RatesTest {
    private final Rates rates = new Rates();

    private static JsonObject direction(long bytes, long wakeUps) {
        return new JsonObject()
                .put("bytes", bytes)
                .put("ringBytes", bytes / 2)
                .put("sleeps", 0)
                .put("wakeUps", wakeUps);
    }

    private JsonObject look(String remote, long bytes, long wakeUps, double second) throws JsonException {
        JsonObject connection = new JsonObject()
                .put("local", "a")
                .put("remote", remote)
                .put("sending", direction(bytes, wakeUps))
                .put("receiving", direction(0, 0));
        JsonObject vm = new JsonObject().put("uuid", "u").put("connections", List.of(connection));
        JsonObject silent = new JsonObject().put("uuid", "s").put("error", "silent");
        rates.add(new JsonObject().put("vms", List.of(vm, silent)), (long) (second * TimeUnit.SECONDS.toNanos(1)));
        return connection.object("sending");
    }

    @Test
    void shouldTellWhatHappenedPerSecond() throws JsonException {
        assertThat(look("b", 1000, 10, 1).has("bytesPerSecond")).isFalse();

        JsonObject second = look("b", 3000, 20, 1.5);

        assertThat(second.decimal("bytesPerSecond")).isEqualTo(4000);
        assertThat(second.decimal("ringBytesPerSecond")).isEqualTo(2000);
        assertThat(second.decimal("wakeUpsPerSecond")).isEqualTo(20);
    }

    @Test
    void shouldTellNothingOfAConnectionThatIsNew() throws JsonException {
        look("b", 1000, 10, 1);

        assertThat(look("c", 3000, 20, 2).has("bytesPerSecond")).isFalse();
    }

    @Test
    void shouldNotGoBelowZeroWhenAConnectionTookTheAddressesOfAnother() throws JsonException {
        look("b", 1000, 10, 1);

        assertThat(look("b", 30, 2, 2).decimal("bytesPerSecond")).isEqualTo(30);
    }
}
