package org.xenvmc.transport.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xenvmc.transport.VmcContext;

class AgentOptionsTest {
    private static Properties applied(AgentOptions options) {
        Properties properties = new Properties();
        options.applyTo(properties);
        return properties;
    }

    @Test
    void shouldSetPropertiesWhenKeysAreKnown() {
        AgentOptions options =
                AgentOptions.parse("host.dir=/dev/shm/mine, spin.ns = 7,xenvmc.wait=park,agent.netty=false");
        assertThat(options.complaints()).isEmpty();
        assertThat(applied(options))
                .isEqualTo(Map.of(
                        VmcContext.HOST_DIRECTORY_PROPERTY, "/dev/shm/mine",
                        VmcContext.SPIN_PROPERTY, "7",
                        VmcContext.WAIT_PROPERTY, "park",
                        AgentOptions.NETTY, "false"));
    }

    @Test
    void shouldKeepCommasOfRules() {
        AgentOptions options = AgentOptions.parse("deny=10.0.0.0/8,*:22,[fd00::]/8,network=blue");
        assertThat(options.complaints()).isEmpty();
        assertThat(applied(options))
                .containsEntry(VmcContext.DENY_PROPERTY, "10.0.0.0/8,*:22,[fd00::]/8")
                .containsEntry(VmcContext.NETWORK_PROPERTY, "blue");
    }

    @Test
    void shouldNameWhatIsUnknownAndTakeTheRest() {
        AgentOptions options = AgentOptions.parse("colour=red,blue,spin.ns=7");
        assertThat(options.complaints()).hasSize(2);
        assertThat(options.complaints().get(0)).contains("'colour'").contains("spin.ns");
        assertThat(options.complaints().get(1)).contains("'blue'");
        assertThat(applied(options)).isEqualTo(Map.of(VmcContext.SPIN_PROPERTY, "7"));
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", "  "})
    void shouldTakeNothingWhenThereIsNothing(String text) {
        AgentOptions options = AgentOptions.parse(text);
        assertThat(options.complaints()).isEmpty();
        assertThat(applied(options)).isEmpty();
    }

    @Test
    void shouldKnowEveryPropertyOfTheConfiguration() {
        assertThat(AgentOptions.known()).contains("xenvmc.enabled", "xenvmc.ring.max", "xenvmc.agent.sockets");
    }
}
