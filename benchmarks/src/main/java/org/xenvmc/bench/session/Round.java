package org.xenvmc.bench.session;

import java.util.Arrays;
import java.util.stream.Stream;
import org.xenvmc.bench.protocol.Message;
import org.xenvmc.bench.workload.Sample;

/**
 * What the two sides of a round reported.
 *
 * @param client the side that drove it
 * @param server the other side
 */
public record Round(Message client, Message server) {
    /**
     * Checks that what one side sent the other received.
     *
     * @throws MeasurementException when the sides disagree
     */
    Round checked() throws MeasurementException {
        agree(Sample.OPERATIONS);
        agree(Sample.BYTES);
        return this;
    }

    private void agree(String what) throws MeasurementException {
        String sent = client.text(what, "");
        String received = server.text(what, "");
        if (!sent.isEmpty() && !received.isEmpty() && !sent.equals(received)) {
            throw new MeasurementException(
                    "the client counted " + sent + " " + what + " in a round, the server " + received);
        }
    }

    /** Operations per second, as the client counted them. */
    public double operationsPerSecond() {
        return client.number(Sample.OPERATIONS) * 1e9 / client.number(Sample.ELAPSED_NS);
    }

    /** Bytes per second, as the client counted them. */
    public double bytesPerSecond() {
        return client.number(Sample.BYTES) * 1e9 / client.number(Sample.ELAPSED_NS);
    }

    /** A list of numbers that the server reported. */
    public long[] serverList(String name) {
        return Stream.of(server.text(name).split(","))
                .filter(s -> !s.isEmpty())
                .mapToLong(Long::parseLong)
                .toArray();
    }

    /** The larger of the two sides' numbers. */
    public long larger(String name) {
        return Arrays.stream(new Message[] {client, server})
                .mapToLong(m -> m.number(name))
                .max()
                .orElseThrow();
    }
}
