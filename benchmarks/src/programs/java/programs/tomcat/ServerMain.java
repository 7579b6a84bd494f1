package programs.tomcat;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.coyote.http11.Http11Nio2Protocol;
import programs.Payload;
import programs.Worker;

/** A web server: GET /size/sequence answers with that payload, POST compares what comes with it. */
public final class ServerMain {
    private ServerMain() {}

    /** The argument is a directory for its files. */
    public static void main(String[] args) throws Exception {
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(args[0]);
        Connector connector = new Connector(Http11Nio2Protocol.class.getName());
        connector.setPort(0);
        connector.setProperty("address", "127.0.0.1");
        tomcat.setConnector(connector);
        Context context = tomcat.addContext("", null);
        Tomcat.addServlet(context, "payloads", new Payloads());
        context.addServletMappingDecoded("/*", "payloads");
        tomcat.start();
        Worker.serve(connector.getLocalPort());
    }

    private static final class Payloads extends HttpServlet {
        private static final long serialVersionUID = 1;

        private static Payload payload(HttpServletRequest request) {
            String[] path = request.getPathInfo().split("/");
            return new Payload(Integer.parseInt(path[1]), Integer.parseInt(path[2]));
        }

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            try (InputStream in = payload(request).open()) {
                in.transferTo(response.getOutputStream());
            }
        }

        @Override
        protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
            payload(request).check(request.getInputStream());
        }
    }
}
