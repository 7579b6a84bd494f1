package org.xenvmc.migration.line;

import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.xenvmc.migration.json.JsonException;
import org.xenvmc.migration.json.JsonObject;

/**
 * A connection to a Unix-domain socket on which JSON objects go both ways, one per line. A thread of its own reads and
 * calls the {@link Receiver}, another one writes. Thread-safe.
 */
public final class JsonLine implements AutoCloseable {
    private static final int MAX_LINE_BYTES = 16 << 20;
    private static final int BUFFER_BYTES = 16 * 1024;
    private static final long RETRY_NS = TimeUnit.MILLISECONDS.toNanos(20);

    /** Called by the reading thread, in order; must not block. */
    public interface Receiver {
        /** An object came. */
        void received(JsonObject object);

        /** The connection ended; called once, last. */
        void ended(IOException cause);
    }

    private final Path path;
    private final SocketChannel channel;
    private final Receiver receiver;
    /** An interrupt of whoever writes closes a channel, which the way back may need: so nobody else's thread writes. */
    private final ExecutorService writer;

    private JsonLine(Path path, SocketChannel channel, Receiver receiver) {
        this.path = path;
        this.channel = channel;
        this.receiver = receiver;
        this.writer = Executors.newSingleThreadExecutor(work -> daemon(work, "xenvmc-line-writer-"));
    }

    private Thread daemon(Runnable work, String name) {
        Thread thread = new Thread(work, name + path.getFileName());
        thread.setDaemon(true);
        return thread;
    }

    /**
     * Connects; tries again until the limit while nobody listens yet.
     *
     * @throws IOException when nobody listens within the limit; the message names the socket
     */
    public static JsonLine connect(Path socket, Duration limit, Receiver receiver) throws IOException {
        long deadlineNs = System.nanoTime() + limit.toNanos();
        while (true) {
            SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                channel.connect(UnixDomainSocketAddress.of(socket));
                JsonLine line = new JsonLine(socket, channel, receiver);
                line.daemon(line::read, "xenvmc-line-").start();
                return line;
            } catch (IOException e) {
                channel.close();
                if (System.nanoTime() - deadlineNs >= 0) {
                    throw new IOException("cannot connect to " + socket + ": " + e.getMessage(), e);
                }
            }
            LockSupport.parkNanos(RETRY_NS);
            if (Thread.interrupted()) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while connecting to " + socket);
            }
        }
    }

    /** The socket's path. */
    public Path path() {
        return path;
    }

    /**
     * Sends an object. Blocks while the other end does not read; {@link #close()} ends that with an exception, an interrupt does
     * not.
     */
    public void send(JsonObject object) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap((object + "\n").getBytes(StandardCharsets.UTF_8));
        try {
            CompletableFuture.runAsync(() -> write(bytes), writer).join();
        } catch (RejectedExecutionException e) {
            throw new IOException(path + " is closed", e);
        } catch (CompletionException e) {
            throw e.getCause() instanceof UncheckedIOException failed
                    ? failed.getCause()
                    : new IOException(e.getCause());
        }
    }

    private void write(ByteBuffer bytes) {
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void read() {
        IOException cause;
        try {
            ByteBuffer bytes = ByteBuffer.allocate(BUFFER_BYTES);
            LineBuffer lines = new LineBuffer(MAX_LINE_BYTES);
            while (channel.read(bytes.clear()) >= 0) {
                bytes.flip();
                for (String line = lines.next(bytes); line != null; line = lines.next(bytes)) {
                    if (!line.isBlank()) {
                        receiver.received(JsonObject.parse(line));
                    }
                }
            }
            cause = new EOFException(path + " was closed by the other end");
        } catch (JsonException e) {
            cause = new IOException(path + " sent what is not a JSON object: " + e.getMessage(), e);
        } catch (IOException e) {
            cause = e;
        }
        close();
        receiver.ended(cause);
    }

    @Override
    public void close() {
        writer.shutdown();
        try {
            channel.close();
        } catch (IOException e) {
            // nothing is lost: nobody reads from it any more
        }
    }
}
