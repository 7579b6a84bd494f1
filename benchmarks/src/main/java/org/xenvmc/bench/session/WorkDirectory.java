package org.xenvmc.bench.session;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A private directory in memory for one run: host directories, ring files, Unix-domain sockets. It is removed with its
 * content at the end, also when the run is interrupted.
 */
public final class WorkDirectory implements AutoCloseable {
    private static final Path IN_MEMORY = Path.of("/dev/shm");
    private static final String PREFIX = "xenvmc-bench-";
    /** Prefix, process id of the driver, something random. */
    private static final Pattern NAME = Pattern.compile(PREFIX + "(\\d{1,18})-\\d+");

    private static final Duration ABANDONED_AFTER = Duration.ofHours(2);
    private static final long CHILDREN_LIMIT_S = 2;

    private final Path directory;
    private final AtomicInteger names = new AtomicInteger();
    private final Thread hook = new Thread(this::interrupted, "bench-clean-up");

    private WorkDirectory(Path directory) {
        this.directory = directory;
    }

    /** Makes the directory, readable for the owner only; removes what runs that were killed have left. */
    public static WorkDirectory create() throws IOException {
        return create(Files.isWritable(IN_MEMORY) ? IN_MEMORY : Path.of(System.getProperty("java.io.tmpdir")));
    }

    static WorkDirectory create(Path parent) throws IOException {
        String prefix = PREFIX + ProcessHandle.current().pid() + "-";
        WorkDirectory directory = new WorkDirectory(Files.createTempDirectory(parent, prefix));
        Runtime.getRuntime().addShutdownHook(directory.hook);
        UserPrincipal self = Files.getOwner(directory.directory);
        try (Stream<Path> content = Files.list(parent)) {
            for (Path path : content.toList()) {
                if (isAbandoned(path, self)) {
                    remove(path);
                }
            }
        } catch (NoSuchFileException e) {
            // another run removed the same thing
        }
        return directory;
    }

    private static boolean isAbandoned(Path path, UserPrincipal self) throws IOException {
        Matcher name = NAME.matcher(path.getFileName().toString());
        return name.matches()
                && Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)
                && Files.getOwner(path, LinkOption.NOFOLLOW_LINKS).equals(self)
                && ProcessHandle.of(Long.parseLong(name.group(1))).isEmpty()
                // a process that cannot be seen from here, in another container, may be alive
                && Files.getLastModifiedTime(path)
                        .toInstant()
                        .isBefore(Instant.now().minus(ABANDONED_AFTER));
    }

    /** A path in it that nothing else uses; nothing is made there. */
    public Path newPath(String name) {
        return directory.resolve(name + "-" + names.incrementAndGet());
    }

    private void interrupted() {
        List<ProcessHandle> children = ProcessHandle.current().children().toList();
        children.forEach(ProcessHandle::destroyForcibly);
        for (ProcessHandle child : children) {
            try {
                child.onExit().get(CHILDREN_LIMIT_S, TimeUnit.SECONDS);
            } catch (Exception e) {
                // what is still there is cleaned up as far as possible
                break;
            }
        }
        remove(directory);
    }

    private static void remove(Path directory) {
        try (Stream<Path> content = Files.walk(directory)) {
            for (Path path : content.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (NoSuchFileException e) {
            // gone already
        } catch (IOException | UncheckedIOException e) {
            System.getLogger(WorkDirectory.class.getName())
                    .log(System.Logger.Level.WARNING, "cannot remove " + directory + "; remove it by hand", e);
        }
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // the JVM is ending: the hook does it
            return;
        }
        remove(directory);
    }
}
