package org.xenvmc.migration.packed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("packed")
class PackedJarTest {
    private static final Path JAR = Path.of(System.getProperty("xenvmc.jar"));
    private static final Path OTHER_VERSIONS = Path.of(System.getProperty("xenvmc.other-versions"));
    private static final String PROGRAMS = BareApplication.class
            .getProtectionDomain()
            .getCodeSource()
            .getLocation()
            .getPath();

    @TempDir
    private Path dir;

    @Test
    void shouldWorkAndHideWhatItUsesWhenNothingElseIsThere() throws Exception {
        List<String> said = run(BareApplication.class, PROGRAMS, JAR.toString());

        assertThat(said).contains("provider=org.xenvmc.transport.VmcSelectorProvider", "shared memory=true");
        assertThat(said)
                .filteredOn(line -> line.matches("(class|resource) .*"))
                .hasSize(10)
                .allMatch(line -> line.endsWith("=false"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldLeaveTheApplicationsOwnVersionsAloneWhenItIsBeforeOrAfterThem(boolean before) throws Exception {
        List<String> classPath = new ArrayList<>(jarsIn(OTHER_VERSIONS));
        classPath.add(before ? 0 : classPath.size(), JAR.toString());
        classPath.add(PROGRAMS);

        List<String> said = run(OtherVersionsApplication.class, classPath.toArray(String[]::new));

        assertThat(said)
                .contains("shared memory=true", "before jna=5.13.0", "after jna=5.13.0", "library jna=5.19.1")
                .contains("pid agrees=true", "event loop runs=x");
        assertThat(one(said, "before netty=")).contains("4.1.137.Final").doesNotContain("4.2.");
        assertThat(one(said, "after netty=")).contains("4.1.137.Final").doesNotContain("4.2.");
        assertThat(one(said, "library netty=")).contains("4.2.18.Final").doesNotContain("4.1.");
    }

    @Test
    void shouldWorkWhenTheApplicationIsPackedIntoOneJarTogetherWithIt() throws Exception {
        Path application = dir.resolve("application.jar");
        try (OutputStream out = Files.newOutputStream(application);
                JarOutputStream packed = new JarOutputStream(out);
                JarFile library = new JarFile(JAR.toFile())) {
            for (JarEntry entry : Collections.list(library.entries())) {
                packed.putNextEntry(new JarEntry(entry.getName()));
                try (InputStream in = library.getInputStream(entry)) {
                    in.transferTo(packed);
                }
            }
        }

        assertThat(run(BareApplication.class, application.toString(), PROGRAMS)).contains("shared memory=true");
    }

    @Test
    void shouldRunTheCommandLineWhenItIsStarted() throws Exception {
        assertThat(start(List.of("-jar", JAR.toString(), "--help"))).anyMatch(line -> line.contains("migrate"));
    }

    private List<String> run(Class<?> program, String... classPath) throws IOException, InterruptedException {
        return start(List.of(
                "-Djava.nio.channels.spi.SelectorProvider=org.xenvmc.transport.VmcSelectorProvider",
                "-Dxenvmc.host.dir=" + dir.resolve("host"),
                "-cp",
                String.join(File.pathSeparator, classPath),
                program.getName()));
    }

    private List<String> start(List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java"));
        command.addAll(arguments);
        Path output = dir.resolve("output");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            boolean ended = process.waitFor(60, TimeUnit.SECONDS);
            String said = Files.readString(output);
            assertThat(ended).as("ended; it said: %s", said).isTrue();
            assertThat(process.exitValue()).as("exit code; it said: %s", said).isZero();
            return Arrays.asList(said.split("\n"));
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private static List<String> jarsIn(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(Path::toString)
                    .filter(name -> name.endsWith(".jar"))
                    .sorted()
                    .toList();
        }
    }

    private static String one(List<String> lines, String prefix) {
        return lines.stream()
                .filter(line -> line.startsWith(prefix))
                .findFirst()
                .orElse("");
    }
}
