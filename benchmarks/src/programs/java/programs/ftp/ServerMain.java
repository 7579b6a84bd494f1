package programs.ftp;

import java.nio.file.Path;
import java.util.List;
import org.apache.ftpserver.ConnectionConfigFactory;
import org.apache.ftpserver.FtpServerFactory;
import org.apache.ftpserver.ftplet.FtpException;
import org.apache.ftpserver.listener.Listener;
import org.apache.ftpserver.listener.ListenerFactory;
import org.apache.ftpserver.usermanager.impl.BaseUser;
import org.apache.ftpserver.usermanager.impl.WritePermission;
import programs.Worker;

/** An FTP server over a directory. */
public final class ServerMain {
    static final String USER = "someone";
    static final String PASSWORD = "secret";

    private ServerMain() {}

    /** The argument is a directory. */
    public static void main(String[] args) throws FtpException {
        FtpServerFactory factory = new FtpServerFactory();
        ConnectionConfigFactory connections = new ConnectionConfigFactory();
        connections.setMaxLogins(1000);
        factory.setConnectionConfig(connections.createConnectionConfig());
        ListenerFactory network = new ListenerFactory();
        network.setServerAddress("127.0.0.1");
        network.setPort(0);
        Listener listener = network.createListener();
        factory.addListener("default", listener);
        BaseUser user = new BaseUser();
        user.setName(USER);
        user.setPassword(PASSWORD);
        user.setHomeDirectory(Path.of(args[0]).toString());
        user.setAuthorities(List.of(new WritePermission()));
        factory.getUserManager().save(user);
        factory.createServer().start();
        Worker.serve(listener.getPort());
    }
}
