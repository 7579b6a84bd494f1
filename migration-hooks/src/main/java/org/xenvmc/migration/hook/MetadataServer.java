package org.xenvmc.migration.hook;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * A cloud's metadata server: plain HTTP to an address that exists inside the VM only; never through a proxy. For one
 * thread, except {@link #close()}, which ends a request that is under way.
 */
final class MetadataServer implements AutoCloseable {
    private static final int MAX_BODY_BYTES = 1 << 20;

    /** A response with status 200. */
    record Response(String body, String etag, String flavor) {}

    private final String base;
    private final String headerName;
    private final String headerValue;
    private volatile HttpURLConnection current;
    private volatile boolean closed;

    /** Every request carries this header, without which such a server refuses. */
    MetadataServer(String base, String headerName, String headerValue) {
        this.base = base.endsWith("/") ? base.substring(0, base.length() - 1) : base;
        this.headerName = headerName;
        this.headerValue = headerValue;
    }

    /**
     * Asks.
     *
     * @param readLimit longest silence
     * @throws IOException when there is no answer, or its status is not 200
     */
    Response get(String path, Duration readLimit) throws IOException {
        return request(path, null, readLimit);
    }

    /** Tells, in JSON. */
    void post(String path, String json, Duration readLimit) throws IOException {
        request(path, json, readLimit);
    }

    private Response request(String path, String json, Duration readLimit) throws IOException {
        HttpURLConnection http =
                (HttpURLConnection) URI.create(base + path).toURL().openConnection(Proxy.NO_PROXY);
        current = http;
        try {
            if (closed) {
                throw new IOException("closed");
            }
            http.setRequestProperty(headerName, headerValue);
            http.setInstanceFollowRedirects(false);
            http.setUseCaches(false);
            http.setConnectTimeout(Math.toIntExact(Math.min(5_000, readLimit.toMillis())));
            http.setReadTimeout(Math.toIntExact(readLimit.toMillis()));
            if (json != null) {
                send(http, json);
            }
            int status = http.getResponseCode();
            if (status != HttpURLConnection.HTTP_OK) {
                throw new IOException("status " + status);
            }
            return new Response(body(http), http.getHeaderField("ETag"), http.getHeaderField("Metadata-Flavor"));
        } catch (IOException e) {
            throw new IOException("metadata server " + base + path + ": " + e.getMessage(), e);
        } finally {
            current = null;
            http.disconnect();
        }
    }

    private static void send(HttpURLConnection http, String json) throws IOException {
        http.setRequestMethod("POST");
        http.setDoOutput(true);
        http.setRequestProperty("Content-Type", "application/json");
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        http.setFixedLengthStreamingMode(bytes.length);
        try (OutputStream out = http.getOutputStream()) {
            out.write(bytes);
        }
    }

    private static String body(HttpURLConnection http) throws IOException {
        try (InputStream in = http.getInputStream()) {
            byte[] bytes = in.readNBytes(MAX_BODY_BYTES + 1);
            if (bytes.length > MAX_BODY_BYTES) {
                throw new IOException("the answer has more than " + MAX_BODY_BYTES + " bytes");
            }
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    @Override
    public void close() {
        closed = true;
        HttpURLConnection http = current;
        if (http != null) {
            http.disconnect();
        }
    }
}
