package org.xenvmc.bench.guest.inside;

import java.io.IOException;
import java.io.InputStream;
import java.util.BitSet;
import java.util.zip.CRC32C;
import org.subethamail.smtp.MessageHandler;
import org.subethamail.smtp.RejectException;
import org.subethamail.smtp.server.SMTPServer;
import org.xenvmc.migration.json.JsonObject;

/** The mail server SubEtha SMTP, with a mailbox in memory. Each mail is compared with what its header promises. */
final class MailServer {
    private static final int MOST_CONNECTIONS = 100;
    private static final int PIECE_BYTES = 32 * 1024;
    private static final int NO_PERMANENT_REASON = 554;

    private final Mailbox mailbox;
    private final BitSet numbers = new BitSet();
    private long bytes;
    private int twice;
    private String broken = "";

    MailServer(Sockets sockets, int port, Mailbox mailbox) {
        this.mailbox = mailbox;
        SMTPServer.port(port)
                .serverSocketFactory(sockets::serverSocket)
                .maxConnections(MOST_CONNECTIONS)
                .messageHandlerFactory(context -> new Handler())
                .build()
                .start();
    }

    /** Forgets what has come so far. */
    synchronized void reset() {
        numbers.clear();
        bytes = 0;
        twice = 0;
    }

    synchronized JsonObject status() {
        return new JsonObject()
                .put("mails", numbers.cardinality())
                .put("bytes", bytes)
                .put("twice", twice)
                .put("broken", broken);
    }

    private synchronized void arrived(int number) {
        if (numbers.get(number)) {
            twice++;
        }
        numbers.set(number);
    }

    private synchronized void count(int more) {
        bytes += more;
    }

    private synchronized void broken(String why) {
        broken = why;
    }

    private final class Handler implements MessageHandler {
        @Override
        public void from(String from) {
            // from anybody
        }

        @Override
        public void recipient(String recipient) {
            // to anybody
        }

        @Override
        public String data(InputStream in) throws RejectException {
            try {
                take(in);
                return null;
            } catch (IOException | RuntimeException e) {
                broken(e.toString());
                throw new RejectException(NO_PERMANENT_REASON, "not what was sent: " + e.getMessage());
            }
        }

        private void take(InputStream in) throws IOException {
            long number = -1;
            long length = -1;
            long check = -1;
            for (String line = line(in); !line.isEmpty(); line = line(in)) {
                number = Math.max(number, Mail.value(line, Mail.NUMBER));
                length = Math.max(length, Mail.value(line, Mail.LENGTH));
                check = Math.max(check, Mail.value(line, Mail.CHECK));
            }
            if (body(in, length) != check) {
                throw new IOException("mail " + number + " differs from what was sent");
            }
            arrived((int) number);
        }

        private long body(InputStream in, long length) throws IOException {
            CRC32C sum = new CRC32C();
            byte[] piece = new byte[PIECE_BYTES];
            long left = length;
            for (int n = in.read(piece); n > 0; n = in.read(piece)) {
                mailbox.keep(piece, n);
                sum.update(piece, 0, (int) Math.min(n, left));
                left -= Math.min(n, left);
                count(n);
            }
            return left == 0 ? sum.getValue() : -1;
        }

        @Override
        public void done() {
            // nothing is held
        }
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new IOException("the mail ended in its header");
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }
}
