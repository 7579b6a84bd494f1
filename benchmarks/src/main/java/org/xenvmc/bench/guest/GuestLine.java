package org.xenvmc.bench.guest;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.migration.vm.Guest;

/** Commands for the program in a guest. For one thread at a time. */
final class GuestLine {
    private static final Duration BOOT_LIMIT = Duration.ofSeconds(90);
    private static final long LOOK_AGAIN_NS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Guest guest;

    GuestLine(Guest guest) {
        this.guest = guest;
    }

    /** Waits until the program answers. */
    void awaitUp() throws IOException {
        guest.awaitConsole("GUEST-UP", BOOT_LIMIT);
        ask(command("hello"));
    }

    static JsonObject command(String name) {
        return new JsonObject().put("do", name);
    }

    JsonObject ask(JsonObject command) throws IOException {
        return JsonObject.parse(guest.ask(command.toString()));
    }

    JsonObject ask(String command) throws IOException {
        return ask(command(command));
    }

    /** What may be waited for. */
    @FunctionalInterface
    interface Condition {
        boolean test(JsonObject answer) throws IOException;
    }

    /** Asks again and again until the answer is as wanted. */
    JsonObject await(String command, String what, Duration limit, Condition wanted) throws IOException {
        long startNs = System.nanoTime();
        while (true) {
            JsonObject answer = ask(command);
            String failure = answer.text("failure", "") + answer.text("broken", "");
            if (!failure.isEmpty()) {
                throw new IOException("in the guest: " + failure);
            }
            if (wanted.test(answer)) {
                return answer;
            }
            if (System.nanoTime() - startNs > limit.toNanos()) {
                throw new IOException("no " + what + " within " + limit.toSeconds() + " s: " + answer);
            }
            LockSupport.parkNanos(LOOK_AGAIN_NS);
        }
    }
}
