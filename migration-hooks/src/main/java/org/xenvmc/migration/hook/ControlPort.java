package org.xenvmc.migration.hook;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.xenvmc.migration.MigrationHook;

/**
 * A virtio-serial port of our own, or any other character device, on whose other end the host's agent sits. Only one
 * process of a guest can have it open: where several have to be told, one agent in the guest tells them (see {@link
 * GuestDirectory}).
 */
public final class ControlPort implements MigrationSource {
    /** Name of the port, as given to QEMU's {@code virtserialport,name=}. */
    public static final String PORT_NAME = "org.xenvmc.control";

    private static final Path PORTS = Path.of("/sys/class/virtio-ports");
    private static final Path DEVICES = Path.of("/dev");
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);
    /** A port reads as ended while nobody has its other end open; after a migration somebody else may open it. */
    private static final Duration PAUSE_WITHOUT_HOST = Duration.ofMillis(50);

    private final Path device;
    private final ControlSession session;
    private final Watcher watcher;

    private ControlPort(Path device, MigrationHook hook) {
        this.device = device;
        this.session = new ControlSession(hook);
        this.watcher =
                new Watcher("control " + (device == null ? PORT_NAME : device), PAUSE_AFTER_FAILURE, this::serve);
    }

    /**
     * Begins to watch.
     *
     * @param device the device, or null to look for the port by its name
     */
    public static ControlPort watch(Path device, MigrationHook hook) {
        ControlPort port = new ControlPort(device, hook);
        port.watcher.start();
        return port;
    }

    private void serve() throws IOException, InterruptedException {
        Path path = device == null ? find(PORTS, DEVICES, PORT_NAME) : device;
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            do {
                session.serve(channel);
            } while (!watcher.pause(PAUSE_WITHOUT_HOST));
        }
    }

    /** The device of a virtio-serial port, by the name that the host gave it. Needs no udev. */
    static Path find(Path ports, Path devices, String name) throws IOException {
        if (Files.isDirectory(ports)) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(ports)) {
                for (Path entry : entries) {
                    Path file = entry.resolve("name");
                    if (Files.isReadable(file) && Files.readString(file).strip().equals(name)) {
                        return devices.resolve(entry.getFileName());
                    }
                }
            }
        }
        throw new FileNotFoundException("there is no virtio-serial port " + name + " under " + ports
                + "; give the guest one (-device virtserialport,name=" + name + ")");
    }

    @Override
    public String name() {
        return watcher.name();
    }

    @Override
    public void close() {
        watcher.close();
    }
}
