package org.xenvmc.migration.cli.demo.vm;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.transport.ConnectionInfo.Direction;

/** A file and small requests on two connections at once, with news of how far they are. */
final class Transfer {
    private static final long NEWS_MS = 200;

    private final FileSender sender;
    private final Requests requests;
    private final FutureTask<JsonObject> sending;
    private final FutureTask<JsonObject> requesting;

    Transfer(InetSocketAddress server, Path file) {
        sender = new FileSender(server, file);
        requests = new Requests(server);
        sending = start("demo-file", sender::send);
        requesting = start("demo-requests", requests::send);
    }

    private static FutureTask<JsonObject> start(String name, Callable<JsonObject> task) {
        FutureTask<JsonObject> future = new FutureTask<>(task);
        start(name, (Runnable) future);
        return future;
    }

    private static void start(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Tells, five times a second and until the end, how far it is. */
    void tell(Consumer<JsonObject> news) {
        start("demo-news", () -> {
            boolean ended = false;
            while (!ended) {
                news.accept(state());
                ended = ended();
            }
        });
    }

    private JsonObject state() {
        Direction d = sender.direction();
        return new JsonObject()
                .put("bytes", sender.sentBytes())
                .put("path", d == null ? null : d.path())
                .put("requests", requests.count());
    }

    private boolean ended() {
        try {
            sending.get(NEWS_MS, TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (InterruptedException | ExecutionException e) {
            return true; // end() tells why
        }
    }

    /** Ends both and tells what they did. */
    JsonObject end(long limitMs) throws IOException, InterruptedException {
        sender.stop();
        JsonObject file = await("sending the file", sending, limitMs);
        requests.stop();
        return new JsonObject().put("file", file).put("requests", await("the last request", requesting, limitMs));
    }

    private static JsonObject await(String what, FutureTask<JsonObject> task, long limitMs)
            throws IOException, InterruptedException {
        try {
            return task.get(limitMs, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new IOException(what + " did not end within " + limitMs + " ms", e);
        } catch (ExecutionException e) {
            throw new IOException(what + " failed: " + e.getCause(), e.getCause());
        }
    }
}
