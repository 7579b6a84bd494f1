package org.xenvmc.migration.cli.demo;

import java.util.ArrayList;
import java.util.List;
import org.xenvmc.migration.json.JsonException;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.transport.Path;

/**
 * Everything that the demo found out.
 *
 * @param plan what was to be done
 * @param fileSha256 digest of the file, taken by the demo itself
 * @param measurements figures of each path
 * @param sent what VM 1 says it sent: "file" and "requests"
 * @param received what VM 2 says it received
 * @param moves the reports of the moves
 * @param seconds time it took in all
 */
record DemoResult(
        DemoPlan plan,
        String fileSha256,
        Measurements measurements,
        JsonObject sent,
        JsonObject received,
        List<JsonObject> moves,
        double seconds) {

    JsonObject file() throws JsonException {
        return sent.object("file");
    }

    JsonObject requests() throws JsonException {
        return sent.object("requests");
    }

    List<JsonObject> segments() throws JsonException {
        return file().objects("segments");
    }

    /** What is not as it should be; empty when the demo succeeded. */
    List<String> problems() throws JsonException {
        List<String> problems = new ArrayList<>();
        compare(problems, "bytes sent and received", file().number("bytes"), received.number("bytes"));
        compare(problems, "SHA-256 of what was sent and received", file().text("sha256"), received.text("sha256"));
        compare(problems, "SHA-256 of the file and of its first copy", fileSha256, received.text("firstPassSha256"));
        if (requests().number("wrong") + measurements.wrong() > 0) {
            problems.add(requests().number("wrong") + measurements.wrong() + " answers differ from their requests");
        }
        for (JsonObject move : moves) {
            problemsOf(move, problems);
        }
        for (Path path : List.of(Path.SHARED_MEMORY, Path.FRAMED_TCP)) {
            if (bytesOn(path) == 0) {
                problems.add("nothing of the file went by " + path);
            }
        }
        return problems;
    }

    private static void compare(List<String> problems, String what, Object one, Object other) {
        if (!one.equals(other)) {
            problems.add(what + " differ: " + one + " and " + other);
        }
    }

    private static void problemsOf(JsonObject move, List<String> problems) throws JsonException {
        String which = "the move to " + move.text("to");
        if (!move.text("outcome").equals("ARRIVED")) {
            problems.add(which + " ended as " + move.text("outcome") + ": " + move.text("error"));
        } else if (move.object("connections").number("lost") > 0) {
            problems.add(which + " lost " + move.object("connections").number("lost") + " connections");
        }
    }

    /** Bytes of the file that went by a path. */
    long bytesOn(Path path) throws JsonException {
        return sumOf("bytes", path);
    }

    /** Time that the file's connection was on a path, in nanoseconds. */
    long timeOnNs(Path path) throws JsonException {
        return sumOf("durationNs", path);
    }

    private long sumOf(String member, Path path) throws JsonException {
        long sum = 0;
        for (JsonObject s : segments()) {
            sum += s.text("path").equals(path.name()) ? s.number(member) : 0;
        }
        return sum;
    }

    JsonObject toJson() throws JsonException {
        return new JsonObject()
                .put("succeeded", problems().isEmpty())
                .put("problems", problems())
                .put("seconds", seconds)
                .put("file", plan.file().toString())
                .put("fileSha256", fileSha256)
                .put("measurements", measurements.toJson())
                .put("sent", sent)
                .put("received", received)
                .put("moves", moves);
    }
}
