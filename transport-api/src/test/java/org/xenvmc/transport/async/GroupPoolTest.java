package org.xenvmc.transport.async;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The default group's pool, which the properties of {@code AsynchronousChannelGroup} describe. */
class GroupPoolTest {
    private static final String SIZE = "java.nio.channels.DefaultThreadPool.initialSize";
    private static final String FACTORY = "java.nio.channels.DefaultThreadPool.threadFactory";

    @AfterEach
    void clearProperties() {
        System.clearProperty(SIZE);
        System.clearProperty(FACTORY);
    }

    private static void withPool(Consumer<GroupPool> test) {
        GroupPool pool = GroupPool.ofSystemProperties();
        try {
            test.accept(pool);
        } finally {
            pool.executor().shutdown();
        }
    }

    @Test
    void shouldTakeTheSizeFromThePropertyAndElseTheNumberOfProcessors() {
        int processors = Runtime.getRuntime().availableProcessors();
        withPool(pool -> assertThat(pool.eventThreads()).isEqualTo(processors));
        System.setProperty(SIZE, "3");
        withPool(pool -> assertThat(pool.eventThreads()).isEqualTo(3));
        System.setProperty(SIZE, "-1");
        withPool(pool -> assertThat(pool.eventThreads()).isEqualTo(processors));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "NaN"})
    void shouldRefuseASizeThatIsNoNumber(String value) {
        System.setProperty(SIZE, value);
        assertThatThrownBy(GroupPool::ofSystemProperties)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(SIZE + "=" + value);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Missing", "java.lang.String"})
    void shouldRefuseAFactoryThatIsNone(String value) {
        System.setProperty(FACTORY, value);
        assertThatThrownBy(GroupPool::ofSystemProperties)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(FACTORY + "=" + value);
    }
}
