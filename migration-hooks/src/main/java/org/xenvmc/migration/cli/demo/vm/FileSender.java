package org.xenvmc.migration.cli.demo.vm;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.transport.ConnectionInfo.Direction;
import org.xenvmc.transport.VmcConnections;

/** Sends a file again and again, until it is told to end; a pass that was begun is finished. */
final class FileSender {
    private final InetSocketAddress server;
    private final Path file;
    private final MessageDigest digest = Digests.sha256();
    private String firstPass = "";
    private int passes;
    private volatile boolean stop;
    private volatile long sentBytes;
    private volatile Direction direction;

    FileSender(InetSocketAddress server, Path file) {
        this.server = server;
        this.file = file;
    }

    /** Ends after the present pass. */
    void stop() {
        stop = true;
    }

    /** Bytes sent so far. */
    long sentBytes() {
        return sentBytes;
    }

    /** State of the outgoing direction, or null before the first byte. */
    Direction direction() {
        return direction;
    }

    /** Sends, and tells what was sent. */
    JsonObject send() throws IOException {
        try (SocketChannel channel = SocketChannel.open(server);
                FileChannel in = FileChannel.open(file)) {
            long startNs = System.nanoTime();
            PathLog log = new PathLog(VmcConnections.info(channel).sending(), startNs);
            do {
                pass(in, channel, log);
                if (++passes == 1) {
                    firstPass = Digests.soFar(digest);
                }
            } while (!stop);
            Wire.sendHead(channel, Wire.END, 0);
            long arrived = Wire.receiveNumber(channel);
            return result(log, arrived, startNs);
        }
    }

    private void pass(FileChannel in, SocketChannel channel, PathLog log) throws IOException {
        long size = in.size();
        byte[] chunk = new byte[Wire.CHUNK_BYTES];
        Wire.sendHead(channel, Wire.HASH, size);
        in.position(0);
        long left = size;
        while (left > 0) {
            int count = in.read(ByteBuffer.wrap(chunk, 0, (int) Math.min(chunk.length, left)));
            if (count < 0) {
                throw new IOException(file + " has become shorter by " + left + " bytes");
            }
            digest.update(chunk, 0, count);
            Wire.writeAll(channel, ByteBuffer.wrap(chunk, 0, count));
            left -= count;
            sentBytes += count;
            direction = VmcConnections.info(channel).sending();
            log.look(direction, System.nanoTime());
        }
    }

    private JsonObject result(PathLog log, long arrivedBytes, long startNs) {
        long nowNs = System.nanoTime();
        return new JsonObject()
                .put("bytes", sentBytes)
                .put("arrivedBytes", arrivedBytes)
                .put("passes", passes)
                .put("durationNs", nowNs - startNs)
                .put("sha256", Digests.soFar(digest))
                .put("firstPassSha256", firstPass)
                .put(
                        "segments",
                        log.end(nowNs).stream()
                                .map(s -> new JsonObject()
                                        .put("path", s.path())
                                        .put("reason", s.reason())
                                        .put("bytes", s.bytes())
                                        .put("durationNs", s.durationNs()))
                                .toList());
    }
}
