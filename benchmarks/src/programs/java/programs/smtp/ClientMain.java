package programs.smtp;

import jakarta.activation.DataHandler;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.util.ByteArrayDataSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import programs.Payload;
import programs.Worker;

/** n senders at the same time, each with a connection of its own and n mails. */
public final class ClientMain {
    private static final InternetAddress SOMEBODY = address();
    private static final String LIMIT_MS = "60000";
    private static final String SENDER = "sender@localhost";

    private final Session session;

    private ClientMain(Session session) {
        this.session = session;
    }

    /** The argument is the server's port. */
    public static void main(String[] args) {
        Properties properties = new Properties();
        properties.put("mail.smtp.host", "127.0.0.1");
        properties.put("mail.smtp.port", args[0]);
        properties.put("mail.smtp.from", SENDER);
        properties.put("mail.smtp.localhost", "localhost");
        properties.put("mail.smtp.timeout", LIMIT_MS);
        properties.put("mail.smtp.connectiontimeout", LIMIT_MS);
        Worker.drive(new ClientMain(Session.getInstance(properties))::transfer);
    }

    private static InternetAddress address() {
        try {
            return new InternetAddress("receiver@localhost");
        } catch (MessagingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The kind is n. */
    private long transfer(String kind, int sizeBytes, int sequence) throws ExecutionException, InterruptedException {
        int n = Integer.parseInt(kind);
        ExecutorService senders = Executors.newFixedThreadPool(n);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int sender = 0; sender < n; sender++) {
                int first = (sequence * n + sender) * n;
                running.add(senders.submit(() -> {
                    send(n, sizeBytes, first);
                    return null;
                }));
            }
            for (Future<?> sender : running) {
                sender.get();
            }
        } finally {
            senders.shutdownNow();
        }
        return (long) n * n * sizeBytes;
    }

    private void send(int mails, int sizeBytes, int first) throws MessagingException {
        try (Transport smtp = session.getTransport("smtp")) {
            smtp.connect();
            for (int i = 0; i < mails; i++) {
                MimeMessage mail = new MimeMessage(session);
                mail.setFrom(SENDER);
                mail.setRecipient(Message.RecipientType.TO, SOMEBODY);
                mail.setSubject("a payload");
                mail.setHeader(ServerMain.PAYLOAD, sizeBytes + "/" + (first + i));
                byte[] content = new Payload(sizeBytes, first + i).toBytes();
                mail.setDataHandler(new DataHandler(new ByteArrayDataSource(content, "application/octet-stream")));
                mail.saveChanges();
                smtp.sendMessage(mail, mail.getAllRecipients());
            }
        }
    }
}
