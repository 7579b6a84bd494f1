package programs.h2;

import java.sql.SQLException;
import org.h2.tools.Server;
import programs.Worker;

/** A server for databases in memory. */
public final class ServerMain {
    private ServerMain() {}

    /** No arguments. */
    public static void main(String[] args) throws SQLException {
        Server server = Server.createTcpServer("-tcpPort", "0", "-ifNotExists", "-tcpDaemon");
        server.start();
        Worker.serve(server.getPort());
    }
}
