package org.xenvmc.shm.connection;

import org.xenvmc.transport.VmcContext;
import org.xenvmc.transport.spi.ConnectionManager;
import org.xenvmc.transport.spi.ConnectionManagerFactory;
import org.xenvmc.transport.spi.TransportEngine;

/** Makes connection managers over all memory providers. */
public final class ShmConnectionManagerFactory implements ConnectionManagerFactory {
    /** For {@link java.util.ServiceLoader}. */
    public ShmConnectionManagerFactory() {}

    @Override
    public ConnectionManager create(VmcContext context, TransportEngine engine) {
        return new ShmConnectionManager(context, engine, new HostProviders());
    }
}
