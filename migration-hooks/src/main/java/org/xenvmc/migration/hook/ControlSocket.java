package org.xenvmc.migration.hook;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.xenvmc.migration.MigrationHook;

/**
 * The control line for a VM that is a process: a Unix-domain socket in a directory, named after the process, on which it
 * listens as QEMU listens on the host side of a virtio-serial port. An agent finds it there ({@link GuestDirectory}).
 */
public final class ControlSocket implements MigrationSource {
    /** How the names of the sockets end. */
    public static final String SUFFIX = ".control";

    private static final Logger LOG = System.getLogger(ControlSocket.class.getName());

    private final Path path;
    private final MigrationHook hook;
    private final ServerSocketChannel server;
    private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    private ControlSocket(Path path, MigrationHook hook) throws IOException {
        this.path = path;
        this.hook = hook;
        this.server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    }

    /**
     * Begins to listen. Makes the directory, for its owner only, when it is missing.
     *
     * @throws IOException when that is impossible; the message names the socket
     */
    public static ControlSocket listen(Path directory, String name, MigrationHook hook) throws IOException {
        Path path = directory.resolve(name + SUFFIX);
        try {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            Files.deleteIfExists(path); // of a process of the same name that is gone
            ControlSocket socket = new ControlSocket(path, hook);
            socket.start();
            return socket;
        } catch (IOException e) {
            throw new IOException("cannot listen on " + path + ": " + e.getMessage(), e);
        }
    }

    private void start() throws IOException {
        try {
            server.bind(UnixDomainSocketAddress.of(path));
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
        } catch (IOException | RuntimeException e) {
            server.close();
            throw e;
        }
        thread(this::accept, "xenvmc-control");
    }

    private static void thread(Runnable work, String name) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel channel = server.accept();
                open.add(channel);
                thread(() -> serve(channel), "xenvmc-control-session");
            }
        } catch (IOException e) {
            if (!closed) {
                LOG.log(Level.WARNING, "nobody is told of migrations on " + path + " any more", e);
            }
        }
    }

    private void serve(SocketChannel channel) {
        try (channel) {
            if (!closed) {
                new ControlSession(hook).serve(channel);
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "control line ended", e);
        } finally {
            open.remove(channel);
        }
    }

    /** The socket's path. */
    public Path path() {
        return path;
    }

    @Override
    public String name() {
        return "socket " + path;
    }

    @Override
    public void close() {
        closed = true;
        try {
            server.close();
            for (SocketChannel channel : open) {
                channel.close();
            }
            Files.deleteIfExists(path);
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "closing " + path, e);
        }
    }
}
