package org.xenvmc.migration.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoFilesTest {
    @TempDir
    private Path dir;

    @Test
    void shouldFindTheModulesOfThisJava() throws IOException {
        Path file = DataFile.find(Path.of(System.getProperty("java.home")));

        assertThat(DataFile.obstacle(file)).isEmpty();
        assertThat(Files.size(file)).isGreaterThan(10_000_000);
    }

    @Test
    void shouldTakeTheBiggestFileWhenThereAreNoModules() throws IOException {
        Files.createDirectories(dir.resolve("lib"));
        Files.write(dir.resolve("lib/small"), new byte[10]);
        Path big = Files.write(dir.resolve("lib/big"), new byte[1000]);

        assertThat(DataFile.find(dir)).isEqualTo(big);
    }

    @Test
    void shouldSayWhyAFileCannotBeMoved() throws IOException {
        assertThat(DataFile.obstacle(dir)).contains("not a file");
        assertThat(DataFile.obstacle(Files.createFile(dir.resolve("empty")))).contains("has 0 bytes");
        assertThatIOException().isThrownBy(() -> DataFile.find(Files.createDirectory(dir.resolve("none"))));
    }

    @Test
    void shouldRemoveOnlyWhatIsTheDemos() throws IOException {
        Path host = Files.createDirectories(dir.resolve("xenvmc-demo-1-a/grants"));
        Files.write(host.resolve("x"), new byte[1]);

        DemoHosts.remove(host.getParent());
        DemoHosts.remove(host.getParent());

        assertThat(host.getParent()).doesNotExist();
        assertThatIllegalArgumentException().isThrownBy(() -> DemoHosts.remove(dir));
        assertThat(dir).exists();
    }

    @Test
    void shouldNotFollowLinksWhenItRemoves() throws IOException {
        Path outside = Files.write(dir.resolve("precious"), new byte[1]);
        Path host = Files.createDirectories(dir.resolve("xenvmc-demo-2-a"));
        Files.createSymbolicLink(host.resolve("link"), outside);

        DemoHosts.remove(host);

        assertThat(outside).exists();
        assertThat(host).doesNotExist();
    }

    @Test
    void shouldShowProgressOnOneLineOnlyWhereThatIsPossible() {
        StringWriter interactive = new StringWriter();
        Progress live = new Progress(new PrintWriter(interactive), true);
        live.stage("moving");
        live.update("1 of 2");
        live.update("2 of 2");
        live.end();

        StringWriter plain = new StringWriter();
        Progress log = new Progress(new PrintWriter(plain), false);
        log.stage("moving");
        log.update("1 of 2"); // too soon after the line before
        log.end();

        assertThat(interactive.toString())
                .doesNotContain("\n")
                .contains("\r", "moving: 2 of 2")
                .endsWith("\r\u001b[K");
        assertThat(plain.toString()).doesNotContain("\r").endsWith("moving\n").hasLineCount(1);
    }
}
