package org.xenvmc.migration.assistant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.ConnectionInfo.Direction;
import org.xenvmc.transport.Path;
import org.xenvmc.transport.ReasonCode;
import org.xenvmc.transport.VmId;
import org.xenvmc.transport.spi.CommandHandler;

class CommandHandlersTest {
    private final FakeEngine engine = new FakeEngine("old");
    private final Map<String, CommandHandler> handlers = new TreeMap<>();

    CommandHandlersTest() {
        ServiceLoader.load(CommandHandler.class).forEach(h -> handlers.put(h.name(), h));
    }

    private JsonObject ask(String command, String argument) throws Exception {
        return JsonObject.parse(handlers.get(command).handle(engine, argument));
    }

    @Test
    void shouldBeFoundAsServices() {
        assertThat(handlers.keySet()).contains("stat", "migrate", "migration-report", "enable", "disable", "ping");
    }

    @Test
    void shouldTellEverythingThatIsKnownOfConnections() throws Exception {
        engine.connections(new ConnectionInfo(
                9,
                new InetSocketAddress("10.0.0.1", 80),
                new InetSocketAddress("::1", 4000),
                true,
                new VmId("10.0.0.2", 3),
                new Direction(Path.SHARED_MEMORY, ReasonCode.NONE, 1000, 900, 1, 65536, 128, 4, 5),
                new Direction(Path.FRAMED_TCP, ReasonCode.MIGRATING, 70, 60, 2, 0, 0, 0, 0)));

        JsonObject stat = ask("stat", "");

        assertThat(stat.text("phase")).isEqualTo("SETTLED");
        assertThat(stat.object("host").text("host")).isEqualTo("old");
        assertThat(stat.object("host").objects("vms").get(0).numbers("ports")).containsExactly(80L, 443L);
        JsonObject c = stat.objects("connections").get(0);
        assertThat(c.toString())
                .isEqualTo(
                        "{\"id\":9,\"local\":\"10.0.0.1:80\",\"remote\":\"[0:0:0:0:0:0:0:1]:4000\",\"initiator\":true,"
                                + "\"peer\":{\"domId\":3,\"address\":\"10.0.0.2\"},"
                                + "\"sending\":{\"path\":\"SHARED_MEMORY\",\"reason\":\"NONE\",\"reasonCode\":0,"
                                + "\"bytes\":1000,"
                                + "\"ringBytes\":900,\"switches\":1,\"ringCapacityBytes\":65536,\"ringFillBytes\":128,"
                                + "\"sleeps\":4,"
                                + "\"wakeUps\":5},"
                                + "\"receiving\":{\"path\":\"FRAMED_TCP\",\"reason\":\"MIGRATING\",\"reasonCode\":41,"
                                + "\"bytes\":70,"
                                + "\"ringBytes\":60,\"switches\":2,\"ringCapacityBytes\":0,\"ringFillBytes\":0,"
                                + "\"sleeps\":0,"
                                + "\"wakeUps\":0}}");
    }

    @Test
    void shouldAnswerAlsoWhenTheVmIsOnNoHost() throws Exception {
        engine.host = null;

        JsonObject stat = ask("stat", "");

        assertThat(stat.object("host").has("self")).isFalse();
        assertThat(stat.object("host").text("reason")).isEqualTo("MIGRATING");
        assertThat(ask("ping", "").has("uuid")).isFalse();
    }

    @Test
    void shouldTellWhoItIsWhenItIsPinged() throws Exception {
        JsonObject ping = ask("ping", "");

        assertThat(ping.text("uuid")).isEqualTo("uuid-of-this");
        assertThat(ping.number("pid")).isEqualTo(ProcessHandle.current().pid());
        assertThat(ping.text("networkNamespace")).startsWith("net:[");
    }

    @Test
    void shouldTurnTheKillSwitch() throws Exception {
        assertThat(ask("disable", "").flag("enabled")).isFalse();
        assertThat(ask("ping", "").text("reason")).isEqualTo("SWITCHED_OFF");
        assertThat(ask("enable", "").flag("enabled")).isTrue();
        assertThat(engine.asked).containsExactly("enabled false", "enabled true");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"to\":\"new\",\"id\":\"m1\",\"mode\":\"early\",\"precopyMs\":1,\"limitMs\":500}",
                "to=new id=m1 mode=early precopyMs=1 limitMs=500"
            })
    void shouldMoveAfterTheAnswerAndReportIt(String argument) throws Exception {
        JsonObject accepted = ask("migrate", argument);

        assertThat(accepted.flag("accepted")).isTrue();
        assertThat(accepted.text("id")).isEqualTo("m1");
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(2))
                .until(() -> !ask("migration-report", "id=m1").text("outcome").equals("RUNNING"));
        JsonObject report = ask("migration-report", "id=m1");
        assertThat(report.text("outcome")).isEqualTo("ARRIVED");
        assertThat(report.text("from")).isEqualTo("old");
        assertThat(report.text("mode")).isEqualTo("EARLY");
        assertThat(report.object("connections").number("lost")).isEqualTo(1);
        assertThat(engine.asked).containsExactly("leave within 500", "join new");
        assertThat(ask("migration-report", "").text("id")).isEqualTo("m1");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "mode=keep             | 'to' is missing",
                "to=old                | is on old already",
                "to=new mode=sideways  | 'sideways' is not one of",
                "to=new limitMs=0      | limitMs=0 is not between",
                "to=new limitMs=x      | limitMs=x is not a whole number",
                "to=new nonsense       | 'nonsense' is not of the form",
                "{\"to\":\"new\"       | ends too early"
            })
    void shouldSayWhatIsWrongWithAnArgumentAndDoNothing(String argument, String complaint) {
        assertThatThrownBy(() -> ask("migrate", argument)).hasMessageContaining(complaint);
        assertThat(engine.asked).isEmpty();
    }

    @Test
    void shouldSayThatThereWasNoMove() {
        assertThatThrownBy(() -> ask("migration-report", "")).hasMessageContaining("not moved yet");
        assertThatThrownBy(() -> ask("migration-report", "id=m9")).hasMessageContaining("no migration m9");
    }
}
