package org.xenvmc.migration.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.xenvmc.migration.MigrationPhase;
import org.xenvmc.transport.ReasonCode;
import org.xenvmc.transport.VmcContext;
import picocli.CommandLine;

/** What the documentation lists is what there is. */
class DocumentationTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
    private static final Pattern LINK = Pattern.compile("]\\(([^)#:]+)(#[^)]*)?\\)");

    private static String page(String name) throws IOException {
        return Files.readString(ROOT.resolve(name));
    }

    @ParameterizedTest
    @EnumSource(ReasonCode.class)
    void shouldExplainEveryReason(ReasonCode reason) throws IOException {
        assertThat(page("docs/using.md")).contains("| " + reason.code() + " | `" + reason + "` |");
    }

    static Stream<String> properties() throws IllegalAccessException {
        Stream.Builder<String> names = Stream.builder();
        for (Field field : VmcContext.class.getFields()) {
            if (field.getName().endsWith("_PROPERTY")) {
                names.add((String) field.get(null));
            }
        }
        return names.build();
    }

    @ParameterizedTest
    @MethodSource("properties")
    void shouldListEveryProperty(String name) throws IOException {
        assertThat(page("docs/using.md")).contains("| `" + name + "` |");
    }

    @Test
    void shouldListTheDefaultsAsTheyAre() throws IOException {
        assertThat(page("docs/using.md"))
                .contains(
                        row(VmcContext.RING_MAX_PROPERTY, VmcContext.RING_MAX_DEFAULT / 1024 + "k"),
                        row(VmcContext.RING_MIN_PROPERTY, VmcContext.RING_MIN_DEFAULT / 1024 + "k"),
                        row(VmcContext.BUDGET_PROPERTY, (VmcContext.BUDGET_DEFAULT >> 30) + "g"),
                        row(VmcContext.CONNECTIONS_PROPERTY, VmcContext.CONNECTIONS_DEFAULT),
                        row(VmcContext.AFTER_OPERATIONS_PROPERTY, VmcContext.AFTER_OPERATIONS_DEFAULT),
                        row(VmcContext.AFTER_BYTES_PROPERTY, VmcContext.AFTER_BYTES_DEFAULT / 1024 + "k"),
                        row(VmcContext.SPIN_PROPERTY, VmcContext.SPIN_NS_DEFAULT),
                        row(VmcContext.OFFER_LIMIT_PROPERTY, VmcContext.OFFER_LIMIT_MS_DEFAULT),
                        row(VmcContext.SWITCH_LIMIT_PROPERTY, VmcContext.SWITCH_LIMIT_MS_DEFAULT),
                        row(VmcContext.ENABLED_PROPERTY, new VmcContext().enabled()),
                        row(
                                VmcContext.WAIT_PROPERTY,
                                new VmcContext().waitStrategy().name().toLowerCase(Locale.ROOT)));
    }

    private static String row(String property, Object value) {
        return "| `" + property + "` | `" + value + "` |";
    }

    @ParameterizedTest
    @EnumSource(MigrationPhase.class)
    void shouldExplainEveryPhase(MigrationPhase phase) throws IOException {
        assertThat(page("docs/migration.md")).contains("| `" + phase + "` |");
    }

    @Test
    void shouldNameOptionsThatExist() throws IOException {
        Matcher command =
                Pattern.compile("\\./xenvmc ([\\w-]+)[^\n]*\\[--[^\n]*").matcher(page("docs/operations.md"));
        int options = 0;
        while (command.find()) {
            String help = help(command.group(1));
            Matcher option = Pattern.compile("--[a-z-]+").matcher(command.group());
            for (; option.find(); options++) {
                assertThat(help).as(command.group()).contains(option.group());
            }
        }
        assertThat(options).isGreaterThan(10);
    }

    /** What the jar that has the command says of it. */
    private static String help(String command) {
        CommandLine own = Main.commandLine();
        CommandLine all =
                own.getSubcommands().containsKey(command) ? own : org.xenvmc.migration.agent.Main.commandLine();
        StringWriter out = new StringWriter();
        all.setOut(new PrintWriter(out)).execute(command, "--help");
        return out.toString();
    }

    @ParameterizedTest
    @MethodSource("pages")
    void shouldLinkToPagesThatExist(Path page) throws IOException {
        Matcher link = LINK.matcher(Files.readString(page));
        while (link.find()) {
            assertThat(page.resolveSibling(link.group(1)))
                    .as("linked from %s", page)
                    .exists();
        }
    }

    static List<Path> pages() throws IOException {
        try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
            return Stream.concat(docs, Stream.of(ROOT.resolve("README.md")))
                    .filter(f -> f.toString().endsWith(".md"))
                    .toList();
        }
    }
}
