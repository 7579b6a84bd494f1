package org.xenvmc.migration.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.transport.HostStatus;
import org.xenvmc.transport.spi.CommandHandler;
import org.xenvmc.transport.spi.TransportEngine;

/** {@code ping}: that this VM lives, which it is, and where it is on the network. */
public final class PingHandler implements CommandHandler {
    private static final Path NETWORK_NAMESPACE = Path.of("/proc/self/ns/net");

    /** For {@link java.util.ServiceLoader}. */
    public PingHandler() {}

    @Override
    public String name() {
        return "ping";
    }

    @Override
    public String handle(TransportEngine engine, String argument) {
        HostStatus host = engine.hostStatus();
        return new JsonObject()
                .put("pid", ProcessHandle.current().pid())
                .put("uuid", StatusJson.self(host).map(HostStatus.VmEntry::uuid).orElse(null))
                .put("networkNamespace", networkNamespace())
                .put("joined", host.joined())
                .put("reason", host.reason())
                .toString();
    }

    /** Name of this process's network namespace, such as {@code net:[4026531840]}; empty where the kernel has none. */
    public static String networkNamespace() {
        try {
            return Files.readSymbolicLink(NETWORK_NAMESPACE).toString();
        } catch (IOException | UnsupportedOperationException e) {
            return "";
        }
    }
}
