package org.xenvmc.bench.guest.inside;

import java.io.IOException;
import java.util.Map;
import org.xenvmc.migration.json.JsonObject;

/** Commands for streams of data. */
final class DataRole {
    private Sockets sockets;
    private DataReceiver receiver;
    private DataSender sender;

    void register(Map<String, GuestMain.Command> commands) {
        commands.put("data-serve", this::serve);
        commands.put("data-received", c -> sockets.account(receiver.status()));
        commands.put("data-send", this::send);
        commands.put("data-sent", c -> sender.status());
        commands.put("data-stop", c -> {
            sender.stop();
            return new JsonObject();
        });
    }

    private JsonObject serve(JsonObject c) throws IOException {
        sockets = Sockets.of(c);
        Mailbox mailbox = new Mailbox((int) c.number("mailboxBytes"));
        receiver = new DataReceiver(sockets.listen((int) c.number("port")), mailbox, c.flag("inPlace"));
        return new JsonObject();
    }

    private JsonObject send(JsonObject c) throws IOException {
        sender = new DataSender(
                Sockets.of(c).connect(c.text("address"), (int) c.number("port")),
                c.number("bytesPerSecond"),
                c.number("bytes"));
        return new JsonObject();
    }
}
