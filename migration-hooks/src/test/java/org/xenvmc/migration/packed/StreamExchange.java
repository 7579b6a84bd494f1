package org.xenvmc.migration.packed;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/**
 * What the programs under the agent do with a connection, seen as two streams: the client has random bytes echoed, says the
 * checksums of what it sent and received, and keeps the connection until it is told to do so again or to end it. Nothing here
 * knows the library.
 */
final class StreamExchange {
    private static final int BYTES = 4 << 20;
    private static final int CHUNK_BYTES = 16 * 1024;
    private static final long SMALL_TALK_NS = 1_000_000_000;

    private StreamExchange() {}

    /** Echoes until the end. */
    static void serve(InputStream in, OutputStream out) throws IOException {
        in.transferTo(out);
    }

    /** Sends and receives, once more for each {@link Program#again}, until {@link Program#goOn} or the end of the input. */
    static void converse(InputStream in, OutputStream out) throws Exception {
        do {
            smallTalk(in, out);
            exchange(in, out);
        } while (System.in.read() == Program.AGAIN);
    }

    private static void exchange(InputStream in, OutputStream out) throws Exception {
        Random random = new Random(42);
        MessageDigest sent = MessageDigest.getInstance("SHA-256");
        CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> {
            try {
                byte[] chunk = new byte[CHUNK_BYTES];
                for (int left = BYTES; left > 0; left -= chunk.length) {
                    random.nextBytes(chunk);
                    sent.update(chunk);
                    out.write(chunk);
                }
                out.flush();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        MessageDigest received = MessageDigest.getInstance("SHA-256");
        for (int left = BYTES; left > 0; ) {
            byte[] chunk = in.readNBytes(Math.min(left, CHUNK_BYTES));
            if (chunk.length == 0) {
                throw new IOException("the stream ended, " + left + " bytes early");
            }
            received.update(chunk);
            left -= chunk.length;
        }
        writer.get();
        say("sent", sent);
        say("received", received);
        System.out.println("exchanged");
    }

    /** Requests and answers for a while, as of a program that does not end at once. */
    private static void smallTalk(InputStream in, OutputStream out) throws IOException {
        long start = System.nanoTime();
        for (int i = 0; System.nanoTime() - start < SMALL_TALK_NS; i++) {
            out.write(i);
            out.flush();
            int answer = in.read();
            if (answer != (i & 0xff)) {
                throw new IOException("sent " + (i & 0xff) + ", received " + answer);
            }
        }
    }

    private static void say(String what, MessageDigest digest) throws GeneralSecurityException {
        System.out.println(what + "=" + HexFormat.of().formatHex(digest.digest()));
    }
}
