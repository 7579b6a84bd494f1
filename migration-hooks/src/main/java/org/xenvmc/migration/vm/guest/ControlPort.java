package org.xenvmc.migration.vm.guest;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A virtio-serial port: a line of text from the host, a line back. For one thread. */
public final class ControlPort {
    private static final Path PORTS = Path.of("/sys/class/virtio-ports");
    private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(20);

    private final RandomAccessFile file;

    private ControlPort(RandomAccessFile file) {
        this.file = file;
    }

    /** Opens the port of that name. */
    public static ControlPort open(String name) throws IOException {
        try (DirectoryStream<Path> ports = Files.newDirectoryStream(PORTS)) {
            for (Path p : ports) {
                Path named = p.resolve("name");
                if (Files.exists(named) && Files.readString(named).trim().equals(name)) {
                    Path device = Path.of("/dev").resolve(p.getFileName());
                    return new ControlPort(new RandomAccessFile(device.toFile(), "rw"));
                }
            }
        }
        throw new FileNotFoundException("no virtio-serial port " + name);
    }

    /** Waits for a line, also while nobody is at the other end. */
    public String readLine() throws IOException {
        StringBuilder line = new StringBuilder();
        while (true) {
            int c = file.read();
            if (c == '\n') {
                return line.toString();
            }
            if (c < 0) {
                LockSupport.parkNanos(PAUSE_NS); // the host has not connected
            } else {
                line.append((char) c);
            }
        }
    }

    /** Answers. */
    public void writeLine(String line) throws IOException {
        file.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    }
}
