package org.xenvmc.migration.hook;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.xenvmc.migration.json.JsonObject;

/** Metadata servers that act as their documentation says. */
final class MetadataServers {
    private MetadataServers() {}

    private abstract static class Server implements AutoCloseable {
        private final ExecutorService threads = Executors.newCachedThreadPool();
        private final HttpServer http;

        /** What was asked, without the host. */
        final List<String> requests = new CopyOnWriteArrayList<>();

        Server() throws IOException {
            http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            http.setExecutor(threads);
            http.createContext("/", this::serve);
            http.start();
        }

        String address() {
            return "http://127.0.0.1:" + http.getAddress().getPort();
        }

        private void serve(HttpExchange exchange) throws IOException {
            requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
            try (exchange) {
                handle(exchange);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // closed while a request waited
            }
        }

        abstract void handle(HttpExchange exchange) throws IOException, InterruptedException;

        static void answer(HttpExchange exchange, int status, String body) throws IOException {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        }

        static Map<String, String> query(HttpExchange exchange) {
            Map<String, String> values = new HashMap<>();
            String query = exchange.getRequestURI().getQuery();
            for (String part : query == null ? new String[0] : query.split("&")) {
                values.put(part.substring(0, part.indexOf('=')), part.substring(part.indexOf('=') + 1));
            }
            return values;
        }

        @Override
        public void close() {
            http.stop(0);
            threads.shutdownNow();
        }
    }

    /** Google's: a value with an ETag; requests may wait for another one; the notice is given to those who asked. */
    static final class Google extends Server {
        private String value = "NONE";
        private int version = 1;
        private boolean askedSinceLastEvent;
        private int failures;
        boolean sayWhoIAm = true;

        Google() throws IOException {}

        /** The host is going to be maintained. Returns whether a notice was given, which needs somebody who asks. */
        synchronized boolean event(String event) {
            boolean given = askedSinceLastEvent;
            if (given) {
                set(event);
            }
            return given;
        }

        synchronized void over() {
            set("NONE");
            askedSinceLastEvent = false;
        }

        synchronized boolean wasAsked() {
            return askedSinceLastEvent;
        }

        synchronized void failNext(int times) {
            failures = times;
            version++; // whoever waits comes back
            notifyAll();
        }

        private void set(String newValue) {
            value = newValue;
            version++;
            notifyAll();
        }

        @Override
        synchronized void handle(HttpExchange exchange) throws IOException, InterruptedException {
            if (!"Google".equals(exchange.getRequestHeaders().getFirst("Metadata-Flavor"))) {
                answer(exchange, 403, "Missing Metadata-Flavor:Google header.");
                return;
            }
            if (!exchange.getRequestURI().getPath().equals("/computeMetadata/v1/instance/maintenance-event")) {
                answer(exchange, 404, "");
                return;
            }
            Map<String, String> query = query(exchange);
            askedSinceLastEvent = true;
            if ("true".equals(query.get("wait_for_change"))) {
                while (String.valueOf(version).equals(query.get("last_etag"))) {
                    wait();
                }
                askedSinceLastEvent = true;
            }
            if (failures > 0) {
                failures--;
                answer(exchange, 503, "try again");
                return;
            }
            exchange.getResponseHeaders().set("ETag", String.valueOf(version));
            if (sayWhoIAm) {
                exchange.getResponseHeaders().set("Metadata-Flavor", "Google");
            }
            answer(exchange, 200, value);
        }
    }

    /** Azure's: a document that lists events until they are over; a POST approves one. */
    static final class Azure extends Server {
        private final Map<String, JsonObject> events = new HashMap<>();
        private int incarnation;

        /** Events that were told to start. */
        final List<String> started = new CopyOnWriteArrayList<>();

        Azure() throws IOException {}

        synchronized void schedule(String id, String type, String... resources) {
            incarnation++;
            events.put(
                    id,
                    new JsonObject()
                            .put("EventId", id)
                            .put("EventStatus", "Scheduled")
                            .put("EventType", type)
                            .put("ResourceType", "VirtualMachine")
                            .put("Resources", List.of(resources))
                            .put("NotBefore", "Mon, 19 Sep 2026 18:29:47 GMT")
                            .put("Description", "Host server is undergoing maintenance.")
                            .put("EventSource", "Platform")
                            .put("DurationInSeconds", 9));
        }

        synchronized void status(String id, String status) {
            incarnation++;
            events.get(id).put("EventStatus", status);
        }

        synchronized void over(String id) {
            incarnation++;
            events.remove(id);
        }

        @Override
        synchronized void handle(HttpExchange exchange) throws IOException {
            Map<String, String> query = query(exchange);
            String path = exchange.getRequestURI().getPath();
            if (!"true".equalsIgnoreCase(exchange.getRequestHeaders().getFirst("Metadata"))
                    || !query.containsKey("api-version")) {
                answer(exchange, 400, "{\"error\":\"Bad request\"}");
            } else if (path.equals("/metadata/instance/compute/name")) {
                answer(exchange, 200, "vm-1");
            } else if (!path.equals("/metadata/scheduledevents")) {
                answer(exchange, 404, "");
            } else if (exchange.getRequestMethod().equals("POST")) {
                String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
                for (JsonObject request : JsonObject.parse(body).objects("StartRequests")) {
                    started.add(request.text("EventId"));
                    status(request.text("EventId"), "Started");
                }
                answer(exchange, 200, "");
            } else {
                answer(
                        exchange,
                        200,
                        new JsonObject()
                                .put("DocumentIncarnation", incarnation)
                                .put("Events", events.values())
                                .toString());
            }
        }
    }
}
