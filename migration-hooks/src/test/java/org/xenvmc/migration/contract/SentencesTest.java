package org.xenvmc.migration.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The page that names a test for each sentence of the Javadoc names tests that there are. */
class SentencesTest {
    private static final Path PAGE =
            Path.of("").toAbsolutePath().getParent().resolve("docs").resolve("sentences.md");
    private static final Pattern TEST = Pattern.compile("`(\\w+): (\\w+)`");
    private static final int AT_LEAST = 100;

    @Test
    void shouldNameATestThatExistsInEveryRow() throws Exception {
        int rows = 0;
        for (String line : Files.readAllLines(PAGE)) {
            if (!line.startsWith("| ") || line.startsWith("| Sentence")) {
                continue;
            }
            String[] cells = line.split("\\|");
            assertThat(cells).as(line).hasSize(3);
            Matcher test = TEST.matcher(cells[2]);
            assertThat(test.find()).as(line).isTrue();
            do {
                assertExists(test.group(1), "should" + test.group(2));
            } while (test.find());
            rows++;
        }
        assertThat(rows).isGreaterThan(AT_LEAST);
    }

    private static void assertExists(String contract, String method) throws ClassNotFoundException {
        Class<?> type = Class.forName(Contract.class.getPackageName() + "." + contract + "ContractTest");
        assertThat(Arrays.stream(type.getDeclaredMethods()).filter(m -> m.isAnnotationPresent(Test.class)))
                .extracting(Method::getName)
                .contains(method);
    }
}
