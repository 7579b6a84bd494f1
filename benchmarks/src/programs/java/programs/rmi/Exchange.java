package programs.rmi;

import java.rmi.Remote;
import java.rmi.RemoteException;

/** What the server offers. */
public interface Exchange extends Remote {
    /** Answers with what came. */
    byte[] echo(byte[] content) throws RemoteException;

    /** Asks the caller for a payload, over a connection that the server makes. */
    byte[] fetch(Source from, int sizeBytes, int sequence) throws RemoteException;

    /** What a client offers. */
    interface Source extends Remote {
        /** A payload of that size with that number. */
        byte[] payload(int sizeBytes, int sequence) throws RemoteException;
    }
}
