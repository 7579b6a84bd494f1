package org.xenvmc.migration.netty;

import io.netty.channel.Channel;
import java.nio.channels.spi.SelectorProvider;
import org.xenvmc.transport.Path;
import org.xenvmc.transport.VmcSelectorProvider;

/** What the test wants to know of the program it started. */
final class PathReport {
    private PathReport() {}

    /** Whether every connection of the program is on shared memory. */
    static boolean allOnSharedMemory() {
        SelectorProvider provider = SelectorProvider.provider();
        return !(provider instanceof VmcSelectorProvider)
                || ((VmcSelectorProvider) provider)
                        .engine().connections().stream()
                                .allMatch(c -> c.sending().path() == Path.SHARED_MEMORY
                                        && c.receiving().path() == Path.SHARED_MEMORY);
    }

    static void print(Channel client) {
        System.out.println("channel " + client.getClass().getName());
        SelectorProvider provider = SelectorProvider.provider();
        System.out.println("provider " + provider.getClass().getName());
        if (provider instanceof VmcSelectorProvider) {
            ((VmcSelectorProvider) provider)
                    .engine()
                    .connections()
                    .forEach(c -> System.out.println(
                            "path " + c.sending().path() + " " + c.receiving().path()));
        }
    }
}
