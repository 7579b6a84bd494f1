package org.xenvmc.migration.cli.demo.vm;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.spi.SelectorProvider;
import java.nio.file.Path;
import org.xenvmc.migration.json.JsonException;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.transport.VmcSelectorProvider;

/**
 * One VM of the demo. Reads commands, one JSON object per line, and answers each with a line: {@code {"ok": ...}},
 * {@code {"error": ...}}; news come between them as {@code {"news": ...}}. Ends when it is told to, or when nobody is
 * there any more to tell it.
 */
public final class DemoVm {
    private static final Logger LOG = System.getLogger(DemoVm.class.getName());
    private static final long END_LIMIT_MS = 30_000;

    private final PrintStream out;
    private Server server;
    private Client client;
    private Transfer transfer;
    private Path file;

    /** A VM that answers on the given stream. */
    public DemoVm(PrintStream out) {
        this.out = out;
    }

    /**
     * Carries out commands until the end.
     *
     * @return true when it was told to end, false when the commands just stopped coming
     */
    public boolean run(BufferedReader in) throws IOException {
        try {
            String line;
            while ((line = in.readLine()) != null) {
                JsonObject command = JsonObject.parse(line);
                if (command.text("do").equals("quit")) {
                    answer("ok", new JsonObject());
                    return true;
                }
                carryOut(command);
            }
            return false;
        } finally {
            close();
        }
    }

    private void carryOut(JsonObject command) {
        try {
            answer("ok", result(command));
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.WARNING, "cannot carry out " + command, e);
            answer("error", String.valueOf(e.getMessage() == null ? e : e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            answer("error", "interrupted");
        }
    }

    private synchronized void answer(String kind, Object value) {
        out.println(new JsonObject().put(kind, value));
        out.flush();
    }

    private JsonObject result(JsonObject command) throws IOException, InterruptedException {
        switch (command.text("do")) {
            case "listen":
                server = new Server();
                return new JsonObject().put("port", server.port()).put("plainPort", server.plainPort());
            case "connect":
                file = Path.of(command.text("file"));
                client = new Client(command, file);
                return new JsonObject();
            case "measure":
                return client.measure(command.text("path"), command.number("ms"));
            case "transfer":
                transfer = new Transfer(client.server(), file);
                transfer.tell(news -> answer("news", news));
                return new JsonObject();
            case "end":
                return transfer.end(END_LIMIT_MS);
            case "received":
                return server.stream().result(END_LIMIT_MS);
            default:
                throw new JsonException("unknown command " + command);
        }
    }

    private void close() throws IOException {
        if (client != null) {
            client.close();
        }
        if (server != null) {
            server.close();
        }
        if (SelectorProvider.provider() instanceof VmcSelectorProvider vm) {
            vm.engine().close();
        }
    }
}
