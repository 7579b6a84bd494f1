package org.xenvmc.transport.spi;

import org.xenvmc.transport.VmcContext;

/** Service that makes engines; found with {@link java.util.ServiceLoader} through {@link ImplementationLoader}. */
public interface TransportEngineFactory {
    /**
     * Creates an engine. Does no I/O: the VM joins its host in the background at the first connection or listener.
     *
     * @param context validated configuration
     */
    TransportEngine create(VmcContext context);
}
