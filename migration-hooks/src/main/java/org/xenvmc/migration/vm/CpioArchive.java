package org.xenvmc.migration.vm;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Writes an archive as the kernel takes it for its first file system (cpio, format "newc"). Archives may follow one another. */
final class CpioArchive implements Closeable {
    private static final int DIRECTORY = 0040755;
    private static final int FILE = 0100644;
    private static final int PROGRAM = 0100755;
    private static final int LINK = 0120777;

    private final OutputStream out;
    private final Set<String> directories = new HashSet<>();
    private int inode = 1;
    private long written;

    CpioArchive(Path file) throws IOException {
        out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16);
    }

    /** An empty directory, and those above it. */
    void directory(String name) throws IOException {
        if (name.isEmpty() || !directories.add(name)) {
            return;
        }
        parents(name);
        entry(name, DIRECTORY, new byte[0]);
    }

    private void parents(String name) throws IOException {
        int slash = name.lastIndexOf('/');
        if (slash > 0) {
            directory(name.substring(0, slash));
        }
    }

    void file(String name, byte[] content, boolean executable) throws IOException {
        parents(name);
        entry(name, executable ? PROGRAM : FILE, content);
    }

    void file(String name, Path content) throws IOException {
        file(name, Files.readAllBytes(content), Files.isExecutable(content));
    }

    void link(String name, String target) throws IOException {
        parents(name);
        entry(name, LINK, target.getBytes(StandardCharsets.UTF_8));
    }

    /** A directory with all that is in it. */
    void tree(String name, Path root) throws IOException {
        List<Path> all;
        try (Stream<Path> walk = Files.walk(root)) {
            all = walk.sorted().toList();
        }
        for (Path p : all) {
            String relative = root.relativize(p).toString();
            String to = relative.isEmpty() ? name : name + "/" + relative;
            if (Files.isSymbolicLink(p)) {
                link(to, Files.readSymbolicLink(p).toString());
            } else if (Files.isDirectory(p)) {
                directory(to);
            } else {
                file(to, p);
            }
        }
    }

    private void entry(String name, int mode, byte[] content) throws IOException {
        byte[] path = (name + "\0").getBytes(StandardCharsets.UTF_8);
        String header = String.format(
                "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x",
                inode++, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, path.length, 0);
        write(header.getBytes(StandardCharsets.US_ASCII));
        write(path);
        pad();
        write(content);
        pad();
    }

    private void write(byte[] bytes) throws IOException {
        out.write(bytes);
        written += bytes.length;
    }

    private void pad() throws IOException {
        while ((written & 3) != 0) {
            write(new byte[1]);
        }
    }

    @Override
    public void close() throws IOException {
        try (out) {
            inode = 0;
            entry("TRAILER!!!", 0, new byte[0]);
            write(new byte[(int) (-written & 511)]);
        }
    }
}
