package programs;

/** The client of a program. */
@FunctionalInterface
public interface Client {
    /**
     * Moves a payload, and checks every byte of it where it arrives.
     *
     * @param kind which of the things that this client can do
     * @param sizeBytes size of the payload
     * @param sequence number of the transfer; no two have the same content
     * @return bytes moved, in both directions
     */
    long transfer(String kind, int sizeBytes, int sequence) throws Exception;
}
