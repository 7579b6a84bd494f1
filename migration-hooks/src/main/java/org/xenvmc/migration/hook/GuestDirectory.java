package org.xenvmc.migration.hook;

import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.xenvmc.migration.MigrationHook;
import org.xenvmc.migration.MigrationNotice;

/**
 * All VMs that listen in a directory ({@link ControlSocket}), as one. Who belongs to a migration is found out when it is
 * prepared; a VM whose socket nobody serves is dead, needs no telling, and does not hold anything up. Thread-safe.
 */
public final class GuestDirectory implements MigrationHook, AutoCloseable {
    private final Path directory;
    private final Duration answerLimit;
    private final Map<String, RemoteHook> guests = new TreeMap<>(); // guarded by this

    /** Watches a directory; a VM has this long to answer when it is found. */
    public GuestDirectory(Path directory, Duration answerLimit) {
        this.directory = directory;
        this.answerLimit = answerLimit;
    }

    @Override
    public synchronized Answer prepare(MigrationNotice notice) {
        try {
            connect();
        } catch (IOException e) {
            return new Answer(false, null, null, e.getMessage());
        }
        return call(all -> all.prepare(notice));
    }

    @Override
    public synchronized Answer finish(String migrationId) {
        return call(all -> all.finish(migrationId));
    }

    @Override
    public synchronized Answer aborted(String migrationId) {
        return end(call(all -> all.aborted(migrationId)));
    }

    @Override
    public synchronized Answer resumed(String migrationId, String newHost) {
        return end(call(all -> all.resumed(migrationId, newHost)));
    }

    /** Names of the VMs that are connected at present. */
    public synchronized Set<String> guests() {
        return Set.copyOf(guests.keySet());
    }

    private Answer call(Function<FanOut, Answer> call) {
        return call.apply(new FanOut(guests, guest -> ((RemoteHook) guest).isConnected()));
    }

    private Answer end(Answer answer) {
        if (answer.accepted()) {
            close();
        }
        return answer;
    }

    private void connect() throws IOException {
        close();
        if (!Files.isDirectory(directory)) {
            return; // no VM was started yet
        }
        try (DirectoryStream<Path> sockets = Files.newDirectoryStream(directory, "*" + ControlSocket.SUFFIX)) {
            for (Path socket : sockets) {
                String file = socket.getFileName().toString();
                String name = file.substring(0, file.length() - ControlSocket.SUFFIX.length());
                try {
                    guests.put(name, RemoteHook.connectAtOnce(socket, answerLimit));
                } catch (IOException e) {
                    if (!(e.getCause() instanceof ConnectException)) {
                        throw e; // it is there and does not answer: it would be moved without knowing
                    }
                    Files.deleteIfExists(socket); // of a VM that died
                }
            }
        }
    }

    @Override
    public synchronized void close() {
        guests.values().forEach(RemoteHook::close);
        guests.clear();
    }
}
