package programs.smtp;

import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeMessage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.util.Properties;
import org.subethamail.smtp.MessageHandler;
import org.subethamail.smtp.RejectException;
import org.subethamail.smtp.server.SMTPServer;
import programs.Payload;
import programs.Worker;

/** A mail server that refuses a mail whose content is not what its header promises. */
public final class ServerMain {
    /** Header with size and number of the payload. */
    static final String PAYLOAD = "X-Payload";

    private static final int MOST_CONNECTIONS = 100;

    private ServerMain() {}

    /** No arguments. */
    public static void main(String[] args) throws Exception {
        SMTPServer server = SMTPServer.port(0)
                .bindAddress(InetAddress.getByName("127.0.0.1"))
                .maxConnections(MOST_CONNECTIONS)
                .messageHandlerFactory(context -> new Mail())
                .build();
        server.start();
        Worker.serve(server.getPortAllocated());
    }

    private static final class Mail implements MessageHandler {
        private static final Session SESSION = Session.getInstance(new Properties());

        @Override
        public void from(String from) {
            // from anybody
        }

        @Override
        public void recipient(String recipient) {
            // to anybody
        }

        @Override
        public String data(InputStream data) throws RejectException, IOException {
            try {
                MimeMessage mail = new MimeMessage(SESSION, new ByteArrayInputStream(data.readAllBytes()));
                String[] payload = mail.getHeader(PAYLOAD)[0].split("/");
                try (InputStream content = mail.getInputStream()) {
                    new Payload(Integer.parseInt(payload[0]), Integer.parseInt(payload[1])).check(content);
                }
                return null;
            } catch (MessagingException | IOException e) {
                throw new RejectException(554, "not what was sent: " + e.getMessage());
            }
        }

        @Override
        public void done() {
            // nothing is held
        }
    }
}
