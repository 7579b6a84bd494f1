package org.xenvmc.transport.netty;

import java.nio.channels.spi.SelectorProvider;
import org.xenvmc.transport.VmcSelectorProvider;

/** The provider of channels and handlers that are made without one. */
final class DefaultProvider {
    private DefaultProvider() {}

    /** Made at the first use. */
    private static final class Holder {
        static final VmcSelectorProvider PROVIDER = find();

        private static VmcSelectorProvider find() {
            SelectorProvider provider = SelectorProvider.provider();
            return provider instanceof VmcSelectorProvider ? (VmcSelectorProvider) provider : new VmcSelectorProvider();
        }
    }

    /** The program's default provider if that is ours, else one for all, configured by system properties. */
    static VmcSelectorProvider get() {
        return Holder.PROVIDER;
    }
}
