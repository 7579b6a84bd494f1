package org.xenvmc.migration.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xenvmc.migration.json.JsonException;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.migration.world.TestSeed;
import org.xenvmc.transport.Path;

class JsonTest {
    @Test
    void shouldWriteEveryKindOfValue() {
        JsonObject object = new JsonObject()
                .put("text", "a\"b\\c\n\r\t\u0001\ud800é")
                .put("int", 3)
                .put("long", Long.MIN_VALUE)
                .put("double", 0.1 + 0.2)
                .put("large", 1e20)
                .put("infinite", Double.POSITIVE_INFINITY)
                .put("flag", true)
                .put("nothing", null)
                .put("constant", Path.FRAMED_TCP)
                .put("list", List.of(1, "x"))
                .put("object", new JsonObject().put("a", new JsonObject()));

        assertThat(object.toString())
                .isEqualTo("{\"text\":\"a\\\"b\\\\c\\n\\r\\t\\u0001\\ud800é\",\"int\":3,\"long\":-9223372036854775808,"
                        + "\"double\":0.3,\"large\":100000000000000000000,\"infinite\":null,\"flag\":true,"
                        + "\"nothing\":null,"
                        + "\"constant\":\"FRAMED_TCP\",\"list\":[1,\"x\"],\"object\":{\"a\":{}}}");
    }

    @Test
    void shouldReadWhatItWroteInBothForms() throws IOException {
        Random random = new Random(TestSeed.next("json"));
        for (int i = 0; i < 200; i++) {
            JsonObject object = object(random, 4);

            assertThat(JsonObject.parse(object.toString())).hasToString(object.toString());
            assertThat(JsonObject.parse(object.toIndentedText())).hasToString(object.toString());
        }
    }

    private static JsonObject object(Random random, int depth) {
        JsonObject object = new JsonObject();
        for (int i = random.nextInt(4); i > 0; i--) {
            object.put(text(random), value(random, depth - 1));
        }
        return object;
    }

    private static Object value(Random random, int depth) {
        return switch (random.nextInt(depth > 0 ? 7 : 5)) {
            case 0 -> random.nextLong();
            case 1 -> random.nextBoolean();
            case 2 -> text(random);
            case 3 -> null;
            case 4 -> random.nextInt(1_000_000) / 1000.0 + 0.0005;
            case 5 -> List.of(text(random), random.nextInt(), object(random, depth - 1));
            default -> object(random, depth - 1);
        };
    }

    private static String text(Random random) {
        StringBuilder out = new StringBuilder();
        for (int i = random.nextInt(6); i > 0; i--) {
            out.append((char) random.nextInt(random.nextBoolean() ? 128 : 65536));
        }
        return out.toString();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "  ",
                "{",
                "{]",
                "{\"a\"}",
                "{\"a\":}",
                "{\"a\":1,}",
                "{\"a\":1 \"b\":2}",
                "{\"a\":01}",
                "{\"a\":1.}",
                "{\"a\":+1}",
                "{\"a\":99999999999999999999}",
                "{\"a\":tru}",
                "{\"a\":[1,]}",
                "{\"a\":\"x}",
                "{\"a\":\"\\x\"}",
                "{\"a\":\"\\u12g4\"}",
                "{\"a\":\"\n\"}",
                "{\"a\":1}x",
                "[1]",
                "null"
            })
    void shouldRefuseWhatIsNotAnObject(String text) {
        assertThatExceptionOfType(JsonException.class).isThrownBy(() -> JsonObject.parse(text));
    }

    @Test
    void shouldRefuseEndlessNestingInsteadOfOverflowingTheStack() {
        assertThatExceptionOfType(JsonException.class)
                .isThrownBy(() -> JsonObject.parse("{\"a\":" + "[".repeat(1_000_000)))
                .withMessageContaining("levels");
    }

    @Test
    void shouldReadEscapesAndNumbers() throws JsonException {
        JsonObject object = JsonObject.parse(" { \"a\" : \"\\u00e9\\/\\b\\f\" , \"b\" : -1.5e3 , \"c\" : [ ] } ");

        assertThat(object.text("a")).isEqualTo("é/\b\f");
        assertThat(object.decimal("b")).isEqualTo(-1500);
        assertThat(object.objects("c")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"number,a whole number", "flag,true or false", "object,an object", "objects,a list of objects"})
    void shouldNameTheMemberThatIsNotWhatItShouldBe(String asked, String expected) throws JsonException {
        JsonObject object = JsonObject.parse("{\"it\":\"text\"}");

        assertThatExceptionOfType(JsonException.class)
                .isThrownBy(() -> {
                    switch (asked) {
                        case "number" -> object.number("it");
                        case "flag" -> object.flag("it");
                        case "object" -> object.object("it");
                        default -> object.objects("it");
                    }
                })
                .withMessageContaining("expected " + expected + " as member 'it'");
    }

    @Test
    void shouldNotGuessAFormForOtherTypes() {
        assertThatIllegalArgumentException().isThrownBy(() -> new JsonObject().put("a", new Object()));
    }
}
