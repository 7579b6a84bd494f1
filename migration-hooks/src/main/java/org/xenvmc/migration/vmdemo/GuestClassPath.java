package org.xenvmc.migration.vmdemo;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** What the program in the guests needs of this program's class path. */
final class GuestClassPath {
    private static final List<String> NEEDED =
            List.of("transport-api", "shm-channel", "tcp-fallback", "migration-hooks", "jna", "agrona", "netty");

    private GuestClassPath() {}

    /** The one jar that this program is, or those of its jars and directories that hold the library. */
    static List<Path> find() {
        String all = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        List<Path> paths = Arrays.stream(all.split(File.pathSeparator))
                .map(Path::of)
                .filter(Files::exists)
                .toList();
        Stream<Path> some = paths.stream();
        if (paths.size() > 1) {
            some = some.filter(
                    p -> !p.endsWith("test-classes") && NEEDED.stream().anyMatch(p.toString()::contains));
        }
        return some.toList();
    }
}
