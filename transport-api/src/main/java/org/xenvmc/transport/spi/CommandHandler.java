package org.xenvmc.transport.spi;

/**
 * Service that answers one command which another process sends to a running VM (stat, migrate, ...). Found with {@link
 * java.util.ServiceLoader} by the connection manager.
 */
public interface CommandHandler {
    /** Name of the command, lower case. */
    String name();

    /**
     * Carries the command out. Called by a thread that may block; never concurrently for one VM.
     *
     * @param engine the VM's engine
     * @param argument the command's argument, as given
     * @return the answer, one JSON value
     * @throws Exception reported to the asker with its message
     */
    String handle(TransportEngine engine, String argument) throws Exception;
}
