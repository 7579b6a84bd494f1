package programs.jetty;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import programs.Payload;
import programs.Worker;

/** Posts, gets, or both. */
public final class ClientMain {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(LIMIT)
            .build();
    private final String server;

    private ClientMain(String server) {
        this.server = server;
    }

    /** The argument is the server's port. */
    public static void main(String[] args) {
        Worker.drive(new ClientMain("http://127.0.0.1:" + args[0] + "/")::transfer);
    }

    private long transfer(String kind, int sizeBytes, int sequence) throws IOException, InterruptedException {
        Payload payload = new Payload(sizeBytes, sequence);
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server + sizeBytes + "/" + sequence))
                .timeout(LIMIT);
        if (kind.equals("post")) {
            HttpResponse<Void> response = http.send(
                    request.POST(BodyPublishers.ofByteArray(payload.toBytes())).build(), BodyHandlers.discarding());
            check(response);
        } else {
            HttpResponse<InputStream> response = http.send(request.GET().build(), BodyHandlers.ofInputStream());
            check(response);
            try (InputStream body = response.body()) {
                payload.check(body);
            }
        }
        return sizeBytes;
    }

    private static void check(HttpResponse<?> response) throws IOException {
        if (response.statusCode() != 200) {
            throw new IOException("answer " + response.statusCode());
        }
    }
}
