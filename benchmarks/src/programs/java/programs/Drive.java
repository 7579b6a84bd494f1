package programs;

import java.util.LinkedHashMap;
import java.util.Map;

/** Repeats a transfer until the time is over, or the wanted number of times. */
final class Drive {
    private static int sequence;

    private Drive() {}

    static Map<String, String> run(Client client, Arguments command) throws Exception {
        long durationNs = command.number("durationNs", 0);
        long least = command.number("times", 1);
        long operations = 0;
        long bytes = 0;
        long cpu = Worker.cpuNs();
        long start = System.nanoTime();
        do {
            bytes += client.transfer(command.text("kind"), (int) command.number("sizeBytes"), sequence++);
            operations++;
        } while (operations < least || System.nanoTime() - start < durationNs);
        Map<String, String> result = new LinkedHashMap<>();
        result.put("elapsedNs", Long.toString(System.nanoTime() - start));
        result.put("cpuNs", Long.toString(Worker.cpuNs() - cpu));
        result.put("operations", Long.toString(operations));
        result.put("bytes", Long.toString(bytes));
        return result;
    }
}
