package org.xenvmc.shm.connection;

import org.xenvmc.shm.file.FileHostProvider;
import org.xenvmc.transport.VmcContext;
import org.xenvmc.transport.spi.ConnectionManager;
import org.xenvmc.transport.spi.ConnectionManagerFactory;
import org.xenvmc.transport.spi.TransportEngine;

/** Makes connection managers over the file provider. */
public final class ShmConnectionManagerFactory implements ConnectionManagerFactory {
    /** For {@link java.util.ServiceLoader}. */
    public ShmConnectionManagerFactory() {}

    @Override
    public ConnectionManager create(VmcContext context, TransportEngine engine) {
        return new ShmConnectionManager(context, engine, new FileHostProvider());
    }
}
