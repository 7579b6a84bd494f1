package org.xenvmc.migration.cli.demo.vm;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.security.MessageDigest;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.transport.VmcConnections;

/** The stream of the transfer as it arrives: its digest, its length, and how long its reader waited. */
final class ReceivedStream {
    private final MessageDigest digest = Digests.sha256();
    private final WaitLog waits = new WaitLog();
    private final CountDownLatch complete = new CountDownLatch(1);
    private final byte[] chunk = new byte[Wire.CHUNK_BYTES];
    private String firstPass = "";
    private long bytes;
    private int passes;

    /** Takes a pass. Called by one thread. */
    void pass(SocketChannel channel, long length) throws IOException {
        long left = length;
        while (left > 0) {
            ByteBuffer buffer = ByteBuffer.wrap(chunk, 0, (int) Math.min(chunk.length, left));
            long startNs = System.nanoTime();
            int count = channel.read(buffer);
            long endNs = System.nanoTime();
            if (count < 0) {
                throw new EOFException("the stream ended " + left + " bytes before the end of a pass");
            }
            waits.read(startNs, endNs, VmcConnections.info(channel).receiving().path());
            digest.update(chunk, 0, count);
            left -= count;
        }
        bytes += length;
        if (++passes == 1) {
            firstPass = Digests.soFar(digest);
        }
    }

    long bytes() {
        return bytes;
    }

    /** Nothing more comes. */
    void end() {
        complete.countDown();
    }

    /** What arrived, once all of it has. */
    JsonObject result(long limitMs) throws IOException, InterruptedException {
        if (!complete.await(limitMs, TimeUnit.MILLISECONDS)) {
            throw new IOException("the end of the stream did not arrive within " + limitMs + " ms");
        }
        return new JsonObject()
                .put("bytes", bytes)
                .put("sha256", Digests.soFar(digest))
                .put("firstPassSha256", firstPass)
                .put("meanWaitNs", waits.meanNs())
                .put(
                        "pauses",
                        waits.pauses().stream()
                                .map(p -> new JsonObject().put("to", p.to()).put("ns", p.ns()))
                                .toList());
    }
}
