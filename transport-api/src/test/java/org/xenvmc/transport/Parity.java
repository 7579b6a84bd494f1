package org.xenvmc.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.channels.spi.SelectorProvider;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/** Runs scenarios over the JDK's provider and over ours and compares what they have seen. */
final class Parity {
    private Parity() {}

    interface Scenario {
        void play(World world, Transcript t) throws Exception;
    }

    static Stream<DynamicTest> tests(Map<String, Scenario> scenarios) {
        return scenarios.entrySet().stream()
                .map(e -> DynamicTest.dynamicTest("shouldDoAsTheJdkWhen" + e.getKey(), () -> compare(e.getValue())));
    }

    private static void compare(Scenario scenario) throws Exception {
        List<String> expected = play(JdkSelectorProvider.get(), scenario);
        List<String> actual = play(new VmcSelectorProvider(new VmcContext()), scenario);
        assertThat(expected).isNotEmpty();
        assertThat(actual).isEqualTo(expected);
    }

    private static List<String> play(SelectorProvider provider, Scenario scenario) throws Exception {
        Transcript transcript = new Transcript();
        try (World world = new World(provider)) {
            scenario.play(world, transcript);
        }
        return transcript.lines();
    }
}
