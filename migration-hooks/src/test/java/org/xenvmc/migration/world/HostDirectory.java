package org.xenvmc.migration.world;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A host of a test: a directory of its own, removed at the end, also when the test run is aborted. */
public final class HostDirectory implements AutoCloseable {
    private static final Set<String> IDENTITY =
            Set.of("host", "last-number", "vendor", "device", "enable", "resource2");
    private static final int REGION_BYTES = 256 << 20;
    private static final Set<Path> LIVE = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> LIVE.forEach(HostDirectory::removeQuietly), "test-host-cleaner"));
    }

    private final Path path;

    private final String prefix;

    private HostDirectory(Path path, String prefix) {
        this.path = path;
        this.prefix = prefix;
        LIVE.add(path);
    }

    /** A new host; its directory does not exist yet: the first VM makes it. */
    public static HostDirectory create() {
        return under(Path.of("/dev/shm"));
    }

    /** A new host in another file system. */
    public static HostDirectory under(Path parent) {
        return new HostDirectory(
                parent.resolve("xv-test-" + UUID.randomUUID().toString().substring(0, 13)), "");
    }

    /** A host that is an ivshmem region: what the kernel shows of the device, with a plain file as its memory. */
    public static HostDirectory device() {
        return device(REGION_BYTES);
    }

    /** As {@link #device()}, with so many bytes. */
    public static HostDirectory device(int bytes) {
        HostDirectory host = new HostDirectory(under(Path.of("/dev/shm")).path, "ivshmem:");
        host.plug(bytes);
        return host;
    }

    /** A host that is the file behind the devices, as an agent makes it; it does not exist yet. */
    public static HostDirectory regionFile() {
        return new HostDirectory(under(Path.of("/dev/shm")).path, "ivshmem:");
    }

    /** Plugs a device in, with new memory, all zero. */
    public void plug(int bytes) {
        try {
            Files.createDirectories(path);
            try (RandomAccessFile memory =
                    new RandomAccessFile(path.resolve("resource2").toFile(), "rw")) {
                memory.setLength(bytes);
            }
            Files.writeString(path.resolve("enable"), "0\n");
            Files.writeString(path.resolve("device"), "0x1110\n");
            Files.writeString(path.resolve("vendor"), "0x1af4\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Unplugs the device without notice. Its memory reads as 0 afterwards, as under QEMU; what is written there goes nowhere, because
     * nobody looks at it any more.
     */
    public void unplug() throws IOException {
        Files.delete(path.resolve("vendor"));
        try (RandomAccessFile memory =
                new RandomAccessFile(path.resolve("resource2").toFile(), "rw")) {
            memory.write(new byte[(int) memory.length()]);
        }
        Files.delete(path.resolve("resource2"));
    }

    /** How many VMs have a place in the region, as the host's side sees it (docs/memory-layout.md). */
    public int placesTaken() throws IOException {
        ByteBuffer region;
        try (RandomAccessFile file =
                new RandomAccessFile((Files.isDirectory(path) ? path.resolve("resource2") : path).toFile(), "r")) {
            region = file.getChannel().map(FileChannel.MapMode.READ_ONLY, 0, file.length());
        }
        region.order(ByteOrder.LITTLE_ENDIAN);
        int taken = 0;
        for (int i = 0; i < region.getInt(12); i++) {
            taken += region.getLong((int) (4096 + i * region.getLong(24) + 290_816)) == 0 ? 0 : 1;
        }
        return taken;
    }

    /** Its name. */
    public String name() {
        return prefix + path;
    }

    /** Its directory. */
    public Path path() {
        return path;
    }

    /**
     * Files in it that VMs left, with their paths relative to the directory. Its identity is not one of them: a host
     * remains the same host while nobody is there.
     */
    public List<String> files() throws IOException {
        try (Stream<Path> all = Files.walk(path)) {
            return all.filter(p -> !Files.isDirectory(p))
                    .map(p -> path.relativize(p).toString())
                    .filter(name -> !IDENTITY.contains(name))
                    .sorted()
                    .toList();
        } catch (NoSuchFileException e) {
            return new ArrayList<>();
        }
    }

    /** Mappings of its files in this process, deleted files included. */
    public List<String> mappings() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
            return lines.filter(l -> l.contains(path + "/")).collect(Collectors.toList());
        }
    }

    /** Describes what is left of VMs; empty when nothing is. */
    public String residue() throws IOException {
        StringBuilder text = new StringBuilder();
        files().forEach(f -> text.append("\n  file ").append(path).append('/').append(f));
        mappings().forEach(m -> text.append("\n  mapping ").append(m));
        return text.toString();
    }

    @Override
    public void close() {
        removeQuietly(path);
        LIVE.remove(path);
    }

    private static void removeQuietly(Path root) {
        try (Stream<Path> all = Files.walk(root)) {
            for (Path p : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(p);
            }
        } catch (IOException e) {
            // it never was there, or somebody else removes it too
        }
    }
}
