package org.xenvmc.bench.guest.inside;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.VmcConnections;

/** Receives a stream, compares it, and keeps it in a mailbox; or looks at it where it lies. */
final class DataReceiver {
    private static final int PIECE_BYTES = 64 * 1024;

    private final ServerSocketChannel listener;
    private final Mailbox mailbox;
    private final boolean inPlace;
    private final Block checker = new Block();
    private volatile SocketChannel channel;
    private volatile long bytes;
    private volatile String failure = "";

    DataReceiver(ServerSocketChannel listener, Mailbox mailbox, boolean inPlace) {
        this.listener = listener;
        this.mailbox = mailbox;
        this.inPlace = inPlace;
        Thread t = new Thread(this::run, "receiver");
        t.setDaemon(true);
        t.start();
    }

    private void run() {
        try (SocketChannel c = listener.accept()) {
            channel = c;
            while (inPlace ? look(c) : copy(c)) {
                // on
            }
        } catch (IOException | RuntimeException e) {
            failure = e.toString();
        }
    }

    private boolean look(SocketChannel c) throws IOException {
        int n = VmcConnections.receive(c, PIECE_BYTES, checker::check);
        bytes += Math.max(0, n);
        return n >= 0;
    }

    private boolean copy(SocketChannel c) throws IOException {
        ByteBuffer tail = mailbox.tail();
        int start = tail.position();
        tail.limit(Math.min(tail.limit(), start + PIECE_BYTES));
        int n = c.read(tail);
        if (n < 0) {
            return false;
        }
        checker.check(tail.duplicate().flip().position(start));
        mailbox.advance(n);
        bytes += n;
        return true;
    }

    JsonObject status() {
        SocketChannel c = channel;
        String path = "NONE";
        if (c != null && VmcConnections.isOurs(c)) {
            ConnectionInfo info = VmcConnections.info(c);
            path = info.receiving().path().name();
        }
        return new JsonObject().put("bytes", bytes).put("path", path).put("failure", failure);
    }
}
