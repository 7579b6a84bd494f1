package org.xenvmc.bench.guest.inside;

import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.migration.vm.guest.ControlPort;

/**
 * What a guest of the experiment runs: obeys commands that come as one line of JSON each, with the member {@code do}, and answers
 * {@code ok} and what is to be told as JSON, or {@code error} and why.
 */
public final class GuestMain {
    /** Name of the virtio-serial port that carries the commands. */
    static final String PORT = "org.xenvmc.demo";

    private static final int PIECE_BYTES = 64 * 1024;
    private static final int HEAP_BYTES = 40 << 20;

    private final Map<String, Command> commands = new HashMap<>();

    /** Carries out one command. */
    @FunctionalInterface
    interface Command {
        /** Returns what is to be told. */
        JsonObject run(JsonObject command) throws IOException;
    }

    private GuestMain() {
        commands.put("hello", c -> new JsonObject());
        new MailRole().register(commands);
        new DataRole().register(commands);
        new LinkRole().register(commands);
    }

    /** Runs until the guest ends. */
    public static void main(String[] args) throws IOException {
        useHeap();
        GuestMain guest = new GuestMain();
        ControlPort port = ControlPort.open(PORT);
        while (true) {
            port.writeLine(guest.answer(port.readLine()));
        }
    }

    /** An idle guest has as many pages that carry something as one whose heap was gone through. */
    private static void useHeap() {
        for (int left = HEAP_BYTES; left > 0; left -= PIECE_BYTES) {
            Arrays.fill(new byte[PIECE_BYTES], (byte) left);
        }
    }

    private String answer(String line) {
        try {
            JsonObject command = JsonObject.parse(line);
            Command found = commands.get(command.text("do"));
            return found == null ? "error unknown command " + line : "ok " + found.run(command);
        } catch (IOException | RuntimeException e) {
            return "error " + e.toString().replace('\n', ' ');
        }
    }
}
