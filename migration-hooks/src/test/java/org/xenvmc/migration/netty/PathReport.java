package org.xenvmc.migration.netty;

import io.netty.channel.Channel;
import java.nio.channels.spi.SelectorProvider;
import org.xenvmc.transport.VmcSelectorProvider;

/** What the test wants to know of the program it started. */
final class PathReport {
    private PathReport() {}

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
