package org.xenvmc.bench.guest.inside;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.xenvmc.migration.json.JsonObject;

/** n users who send n mails each, at the same time, each over a connection of their own. */
final class MailSenders {
    private final Sockets sockets;
    private final String address;
    private final int port;
    private final int users;
    private final Mail mail;
    private final long startNs = System.nanoTime();
    private final AtomicInteger sent = new AtomicInteger();
    private final AtomicInteger running;
    private volatile long elapsedNs;
    private volatile String failure = "";

    MailSenders(Sockets sockets, String address, int port, int users, int fileBytes) {
        this.sockets = sockets;
        this.address = address;
        this.port = port;
        this.users = users;
        this.mail = new Mail(fileBytes);
        this.running = new AtomicInteger(users);
    }

    void start() {
        for (int user = 0; user < users; user++) {
            int first = user * users;
            Thread t = new Thread(() -> run(first), "user-" + user);
            t.setDaemon(true);
            t.start();
        }
    }

    private void run(int first) {
        try (SmtpConnection smtp = new SmtpConnection(sockets.connect(address, port))) {
            for (int i = 0; i < users; i++) {
                smtp.send(mail.text(first + i));
                sent.incrementAndGet();
            }
        } catch (IOException | RuntimeException e) {
            failure = e.toString();
        } finally {
            if (running.decrementAndGet() == 0) {
                elapsedNs = System.nanoTime() - startNs;
            }
        }
    }

    /** Mails that the server has taken, and whether senders are still at it. */
    JsonObject status() {
        return new JsonObject()
                .put("sent", sent.get())
                .put("running", running.get())
                .put("elapsedMs", elapsedNs / 1_000_000)
                .put("failure", failure);
    }
}
