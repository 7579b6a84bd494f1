package programs.rmi;

import java.io.IOException;
import java.rmi.registry.LocateRegistry;
import java.rmi.server.UnicastRemoteObject;
import programs.Payload;
import programs.Worker;

/** Calls, and is called back. */
public final class ClientMain implements Exchange.Source {
    private final Exchange server;

    private ClientMain(Exchange server) {
        this.server = server;
    }

    /** The argument is the registry's port. */
    public static void main(String[] args) throws Exception {
        System.setProperty("java.rmi.server.hostname", "127.0.0.1");
        Exchange server = (Exchange)
                LocateRegistry.getRegistry("127.0.0.1", Integer.parseInt(args[0])).lookup(ServerMain.NAME);
        ClientMain client = new ClientMain(server);
        UnicastRemoteObject.exportObject(client, 0);
        Worker.drive(client::transfer);
    }

    private long transfer(String kind, int sizeBytes, int sequence) throws IOException {
        Payload payload = new Payload(sizeBytes, sequence);
        payload.check(kind.equals("back") ? server.fetch(this, sizeBytes, sequence) : server.echo(payload.toBytes()));
        return 2L * sizeBytes;
    }

    @Override
    public byte[] payload(int sizeBytes, int sequence) {
        return new Payload(sizeBytes, sequence).toBytes();
    }
}
