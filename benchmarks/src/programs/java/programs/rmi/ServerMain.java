package programs.rmi;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.rmi.RemoteException;
import java.rmi.registry.LocateRegistry;
import java.rmi.registry.Registry;
import java.rmi.server.RMIServerSocketFactory;
import java.rmi.server.UnicastRemoteObject;
import programs.Worker;

/** A registry with one object, both on the same port of the loopback device. */
public final class ServerMain implements Exchange {
    static final String NAME = "exchange";

    // neither of them may be collected
    private static Registry registry;
    private static Exchange exchange;

    private ServerMain() {}

    /** No arguments that matter. */
    public static void main(String[] args) throws Exception {
        System.setProperty("java.rmi.server.hostname", "127.0.0.1");
        Loopback sockets = new Loopback();
        registry = LocateRegistry.createRegistry(0, null, sockets);
        exchange = new ServerMain();
        registry.rebind(NAME, UnicastRemoteObject.exportObject(exchange, 0));
        Worker.serve(sockets.port);
    }

    @Override
    public byte[] echo(byte[] content) {
        return content;
    }

    @Override
    public byte[] fetch(Source from, int sizeBytes, int sequence) throws RemoteException {
        return from.payload(sizeBytes, sequence);
    }

    /** Remembers which port it was. */
    private static final class Loopback implements RMIServerSocketFactory {
        private int port;

        @Override
        public ServerSocket createServerSocket(int wanted) throws IOException {
            ServerSocket socket = new ServerSocket(wanted, 0, InetAddress.getLoopbackAddress());
            port = socket.getLocalPort();
            return socket;
        }
    }
}
