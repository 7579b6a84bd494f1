package org.xenvmc.migration.hook;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.charset.StandardCharsets;
import org.xenvmc.migration.MigrationHook;
import org.xenvmc.migration.json.JsonException;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.migration.line.LineBuffer;
import org.xenvmc.migration.line.LineTooLongException;

/** The VM's end of a control line: reads calls, has them carried out one after the other, answers each. */
final class ControlSession {
    private static final int BUFFER_BYTES = 4096;

    private final MigrationHook hook;
    private final LineBuffer lines = new LineBuffer(HookMessages.MAX_LINE_BYTES);
    private final ByteBuffer bytes = ByteBuffer.allocate(BUFFER_BYTES);

    ControlSession(MigrationHook hook) {
        this.hook = hook;
    }

    /** Serves until the other end is gone (returns) or the channel fails or is closed (throws). May be called again. */
    void serve(ByteChannel channel) throws IOException {
        lines.clear();
        while (channel.read(bytes.clear()) >= 0) {
            bytes.flip();
            while (bytes.hasRemaining()) {
                JsonObject answer = next();
                if (answer != null) {
                    send(channel, answer);
                }
            }
        }
    }

    private JsonObject next() {
        try {
            String line = lines.next(bytes);
            return line == null || line.isBlank() ? null : answer(line);
        } catch (LineTooLongException e) {
            return HookMessages.refusal(e.getMessage());
        }
    }

    private JsonObject answer(String line) {
        JsonObject call;
        try {
            call = JsonObject.parse(line);
        } catch (JsonException e) {
            return HookMessages.refusal(e.getMessage());
        }
        try {
            long seq = call.number("seq");
            return HookMessages.carryOut(call, hook).put("seq", seq);
        } catch (JsonException e) {
            return HookMessages.refusal(e.getMessage());
        }
    }

    private static void send(ByteChannel channel, JsonObject answer) throws IOException {
        ByteBuffer out = ByteBuffer.wrap((answer + "\n").getBytes(StandardCharsets.UTF_8));
        while (out.hasRemaining()) {
            channel.write(out);
        }
    }
}
