package org.xenvmc.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class WordsTest {
    @Test
    void shouldSplitAtAnyWhiteSpace() {
        assertThat(Words.split("  -Xmx1g \t-Da=b ")).containsExactly("-Xmx1g", "-Da=b");
        assertThat(Words.split("")).isEmpty();
    }

    @Test
    void shouldKeepWhiteSpaceWithinQuotes() {
        assertThat(Words.split("-Da=\"x y\" '-Db=\"' ''")).containsExactly("-Da=x y", "-Db=\"", "");
    }

    @Test
    void shouldRefuseAQuoteThatIsNotClosed() {
        assertThatThrownBy(() -> Words.split("-Da='x"))
                .hasMessageContaining("not closed")
                .hasMessageContaining("-Da='x");
    }
}
