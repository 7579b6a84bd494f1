package org.xenvmc.bench.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class MessageTest {
    @Test
    void shouldComeBackUnchangedWhateverTheValuesHold() {
        String nasty = "a b=c%20\n\u00e9+\"";
        Message back = Message.decode(
                Message.of("do").with("x", nasty).with("y", "").with("n", -7).encode());
        assertThat(back.name()).isEqualTo("do");
        assertThat(back.text("x")).isEqualTo(nasty);
        assertThat(back.text("y")).isEmpty();
        assertThat(back.number("n")).isEqualTo(-7);
    }

    @Test
    void shouldBeOneLine() {
        assertThat(Message.of("error").with("reason", "one\ntwo").encode()).doesNotContain("\n");
    }

    @Test
    void shouldNameWhatIsMissingOrNoNumber() {
        Message message = Message.of("do").with("n", "many");
        assertThatThrownBy(() -> message.text("size"))
                .hasMessageContaining("do")
                .hasMessageContaining("size");
        assertThatThrownBy(() -> message.number("n")).hasMessageContaining("many");
    }

    @Test
    void shouldQuoteALineThatIsNoMessage() {
        assertThatThrownBy(() -> Message.decode("")).hasMessageContaining("no message");
        assertThatThrownBy(() -> Message.decode("a=b")).hasMessageContaining("a=b");
        assertThatThrownBy(() -> Message.decode("do what")).hasMessageContaining("what");
    }
}
