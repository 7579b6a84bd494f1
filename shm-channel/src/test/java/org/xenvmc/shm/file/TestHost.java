package org.xenvmc.shm.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.xenvmc.shm.provider.HostProvider.Joining;
import org.xenvmc.shm.provider.ProviderException;
import org.xenvmc.transport.VmcContext;

/** A host directory of one test, with the memberships in it; all is removed at the end. */
final class TestHost implements AutoCloseable {
    final Path directory;
    private final List<FileHostMembership> memberships = new CopyOnWriteArrayList<>();

    TestHost() throws IOException {
        Path shm = Path.of("/dev/shm");
        Path parent = Files.isWritable(shm) ? shm : Path.of(System.getProperty("java.io.tmpdir"));
        directory = parent.resolve("xv-test-" + UUID.randomUUID());
    }

    FileHostMembership join(RecordingListener listener) throws ProviderException {
        return join(listener, false);
    }

    FileHostMembership join(RecordingListener listener, boolean tool) throws ProviderException {
        return join(new VmcContext(), listener, tool);
    }

    FileHostMembership join(VmcContext context, RecordingListener listener, boolean tool) throws ProviderException {
        Joining joining = new Joining(UUID.randomUUID(), directory.toString(), tool);
        FileHostMembership m = (FileHostMembership) new FileHostProvider().join(context.conclude(), joining, listener);
        memberships.add(m);
        return m;
    }

    /** Names of all files in the directory but those that outlive the VMs. */
    List<String> files() throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(Files::isRegularFile)
                    .map(p -> p.getFileName().toString())
                    .filter(n -> !n.equals(HostFileDescriptor.HOST_FILE) && !n.equals(DomIds.FILE))
                    .sorted()
                    .toList();
        }
    }

    /** Mappings of this process below the directory. */
    List<String> mappings() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
            return lines.filter(l -> l.contains(directory.toString())).toList();
        }
    }

    /** Descriptors of this process below the directory. */
    List<String> descriptors() throws IOException {
        List<String> found = new ArrayList<>();
        try (Stream<Path> fds = Files.list(Path.of("/proc/self/fd"))) {
            for (Path fd : fds.toList()) {
                String target = target(fd);
                if (target.startsWith(directory.toString())) {
                    found.add(target);
                }
            }
        }
        return found;
    }

    private static String target(Path fd) {
        try {
            return Files.readSymbolicLink(fd).toString();
        } catch (IOException e) {
            return ""; // closed meanwhile
        }
    }

    @Override
    public void close() throws IOException {
        memberships.forEach(FileHostMembership::leave);
        delete(directory);
    }

    static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path p : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(p);
            }
        }
    }
}
