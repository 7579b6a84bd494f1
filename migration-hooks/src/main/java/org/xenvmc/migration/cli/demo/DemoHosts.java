package org.xenvmc.migration.cli.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The demo's two hosts: directories of this run only. */
final class DemoHosts {
    private static final Path SHARED_MEMORY = Path.of("/dev/shm");
    private static final String PREFIX = "xenvmc-demo-";

    private final Path a;
    private final Path b;

    private DemoHosts(Path a, Path b) {
        this.a = a;
        this.b = b;
    }

    /** Names for this process; the first VM makes a directory. */
    static DemoHosts create() {
        Path parent = Files.isWritable(SHARED_MEMORY) ? SHARED_MEMORY : Path.of(System.getProperty("java.io.tmpdir"));
        String name = PREFIX + ProcessHandle.current().pid();
        return new DemoHosts(parent.resolve(name + "-a"), parent.resolve(name + "-b"));
    }

    String a() {
        return a.toString();
    }

    String b() {
        return b.toString();
    }

    List<Path> both() {
        return List.of(a, b);
    }

    void remove() {
        both().forEach(DemoHosts::remove);
    }

    /** Removes a directory of the demo, and nothing else. */
    static void remove(Path host) {
        if (!host.getFileName().toString().startsWith(PREFIX)) {
            throw new IllegalArgumentException(host + " is not a directory of the demo");
        }
        try (Stream<Path> files = Files.walk(host)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (NoSuchFileException e) {
            return; // nobody made it
        } catch (IOException | UncheckedIOException e) {
            throw new UncheckedIOException(
                    "cannot remove " + host + "; remove it by hand",
                    e instanceof IOException io ? io : ((UncheckedIOException) e).getCause());
        }
    }
}
