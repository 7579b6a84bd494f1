package programs.jetty;

import java.io.InputStream;
import java.io.OutputStream;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import programs.Payload;
import programs.Worker;

/** A web server: GET /size/sequence answers with that payload, POST compares what comes with it. */
public final class ServerMain {
    private ServerMain() {}

    /** No arguments. */
    public static void main(String[] args) throws Exception {
        Server server = new Server();
        ServerConnector connector = new ServerConnector(server);
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        server.setHandler(new Payloads());
        server.start();
        Worker.serve(connector.getLocalPort());
    }

    private static final class Payloads extends Handler.Abstract {
        @Override
        public boolean handle(Request request, Response response, Callback callback) throws Exception {
            String[] path = Request.getPathInContext(request).split("/");
            Payload payload = new Payload(Integer.parseInt(path[1]), Integer.parseInt(path[2]));
            if (request.getMethod().equals("POST")) {
                try (InputStream in = Content.Source.asInputStream(request)) {
                    payload.check(in);
                }
            } else {
                try (OutputStream out = Content.Sink.asOutputStream(response);
                        InputStream in = payload.open()) {
                    in.transferTo(out);
                }
            }
            callback.succeeded();
            return true;
        }
    }
}
