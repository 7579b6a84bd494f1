package org.xenvmc.bench.transport;

import java.nio.channels.spi.SelectorProvider;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import org.xenvmc.transport.VmcContext;

/** Makes transports from what a command line or a message can carry. */
public final class Transports {
    /** Field of the settings that gives a Unix-domain socket its path. */
    public static final String SOCKET_PATH = "socket";

    private static final String PROPERTY_PREFIX = "xenvmc.";

    private Transports() {}

    /**
     * Makes a transport.
     *
     * @param kind which
     * @param settings system properties of the library ({@code xenvmc.*}), or {@link #SOCKET_PATH}
     */
    public static Transport create(TransportKind kind, Map<String, String> settings) {
        return switch (kind) {
            case JDK -> new JdkTransport(SelectorProvider.provider());
            case UNIX -> new UnixTransport(Path.of(settings.get(SOCKET_PATH)));
            case VMC -> new VmcTransport(context(settings));
        };
    }

    private static VmcContext context(Map<String, String> settings) {
        Properties properties = new Properties();
        settings.forEach((name, value) -> {
            if (name.startsWith(PROPERTY_PREFIX)) {
                properties.setProperty(name, value);
            }
        });
        return VmcContext.fromProperties(properties);
    }
}
