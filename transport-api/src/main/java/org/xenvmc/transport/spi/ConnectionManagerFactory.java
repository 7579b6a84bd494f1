package org.xenvmc.transport.spi;

import org.xenvmc.transport.VmcContext;

/** Service that makes connection managers; found with {@link java.util.ServiceLoader}. */
public interface ConnectionManagerFactory {
    /**
     * Creates a manager. Does no I/O.
     *
     * @param context validated configuration
     * @param engine the engine that will use it; commands from outside (migrate, stat) act on it
     */
    ConnectionManager create(VmcContext context, TransportEngine engine);
}
