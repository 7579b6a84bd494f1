package org.xenvmc.tcp;

import org.xenvmc.transport.VmcContext;
import org.xenvmc.transport.spi.TransportEngine;
import org.xenvmc.transport.spi.TransportEngineFactory;

/** Makes engines that switch between TCP and shared memory. */
public final class SwitchingEngineFactory implements TransportEngineFactory {
    /** For {@link java.util.ServiceLoader}. */
    public SwitchingEngineFactory() {}

    @Override
    public TransportEngine create(VmcContext context) {
        return new SwitchingEngine(context.conclude());
    }
}
