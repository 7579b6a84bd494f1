package org.xenvmc.bench.guest.inside;

import java.io.IOException;
import java.util.Map;
import org.xenvmc.migration.json.JsonObject;

/** Commands for mails. */
final class MailRole {
    private Sockets sockets;
    private MailServer server;
    private MailSenders senders;

    void register(Map<String, GuestMain.Command> commands) {
        commands.put("mail-serve", this::serve);
        commands.put("mail-reset", c -> {
            server.reset();
            return new JsonObject();
        });
        commands.put("mail-received", c -> sockets.account(server.status()));
        commands.put("mail-send", this::send);
        commands.put("mail-sent", c -> senders.status());
    }

    private JsonObject serve(JsonObject c) throws IOException {
        sockets = Sockets.of(c);
        server = new MailServer(sockets, (int) c.number("port"), new Mailbox((int) c.number("mailboxBytes")));
        return new JsonObject();
    }

    private JsonObject send(JsonObject c) throws IOException {
        senders =
                new MailSenders(Sockets.of(c), c.text("address"), (int) c.number("port"), (int) c.number("users"), (int)
                        c.number("fileBytes"));
        senders.start();
        return new JsonObject();
    }
}
