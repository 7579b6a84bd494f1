package org.xenvmc.migration.cli.debug;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.xenvmc.migration.cli.Version;
import org.xenvmc.shm.syscall.NativeAccess;

/** What this machine and this Java are, and what they permit. */
final class SystemFacts {
    private static final List<String> JAVA = List.of(
            "java.version", "java.vendor", "java.vm.name", "java.vm.version", "os.name", "os.version", "os.arch");
    private static final List<String> KERNEL = List.of(
            "kernel/osrelease",
            "kernel/version",
            "kernel/pid_max",
            "kernel/yama/ptrace_scope",
            "fs/file-max",
            "fs/inotify/max_user_instances",
            "fs/inotify/max_user_watches",
            "vm/max_map_count",
            "vm/overcommit_memory",
            "net/core/somaxconn");
    private static final List<String> MEMORY =
            List.of("MemTotal", "MemAvailable", "Shmem", "ShmemHugePages", "SwapTotal", "SwapFree", "CommitLimit");

    private SystemFacts() {}

    static String versions() {
        StringBuilder out = new StringBuilder();
        for (String line : new Version().getVersion()) {
            out.append(line).append('\n');
        }
        JAVA.forEach(name ->
                out.append(name).append(" = ").append(System.getProperty(name)).append('\n'));
        out.append("processors = ")
                .append(Runtime.getRuntime().availableProcessors())
                .append('\n');
        out.append("native access = ").append(NativeAccess.reason());
        if (NativeAccess.cause() != null) {
            out.append(", ").append(NativeAccess.cause());
        }
        return out.append('\n').toString();
    }

    static String limits() {
        StringBuilder out = new StringBuilder("Limits of a process of this user\n");
        out.append(read(Path.of("/proc/self/limits"))).append("\nKernel\n");
        for (String name : KERNEL) {
            Path file = Path.of("/proc/sys", name);
            if (Files.isReadable(file)) {
                out.append(name).append(" = ").append(read(file).strip()).append('\n');
            }
        }
        out.append("\nMemory\n");
        read(Path.of("/proc/meminfo"))
                .lines()
                .filter(line -> MEMORY.stream().anyMatch(name -> line.startsWith(name + ":")))
                .forEach(line -> out.append(line).append('\n'));
        return out.toString();
    }

    /** The file system in which a host directory is, or would be. */
    static String fileSystem(Path directory) {
        Path there = directory.toAbsolutePath();
        while (there != null && !Files.exists(there)) {
            there = there.getParent();
        }
        if (there == null) {
            return "no such path: " + directory + "\n";
        }
        StringBuilder out = new StringBuilder();
        for (Path path : List.of(Path.of("/dev/shm"), there)) {
            try {
                FileStore store = Files.getFileStore(path);
                out.append(path).append(": ").append(store.type());
                out.append(", bytes in all ").append(store.getTotalSpace());
                out.append(", usable ").append(store.getUsableSpace()).append('\n');
            } catch (IOException e) {
                out.append(path).append(": ").append(e).append('\n');
            }
        }
        return out.append('\n').append(mounts(there)).toString();
    }

    /** How the mounts above the directory are mounted; no others. */
    private static String mounts(Path directory) {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/mountinfo"))) {
            return lines.filter(line -> isAbove(line.split(" "), directory))
                    .collect(Collectors.joining("\n", "", "\n"));
        } catch (IOException e) {
            return e + "\n";
        }
    }

    private static boolean isAbove(String[] mount, Path directory) {
        return mount.length > 4
                && (mount[4].equals("/dev/shm") || !mount[4].equals("/") && directory.startsWith(mount[4]));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e + "\n";
        }
    }
}
