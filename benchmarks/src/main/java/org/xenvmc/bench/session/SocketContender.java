package org.xenvmc.bench.session;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.xenvmc.bench.transport.TransportKind;
import org.xenvmc.transport.Path;

/**
 * A connection of some transport.
 *
 * @param name short name
 * @param kind which transport
 * @param properties properties of the library ({@code xenvmc.*}), the same at both ends
 * @param path what has to carry both directions; empty when each operation makes a connection of its own
 */
public record SocketContender(String name, TransportKind kind, Map<String, String> properties, Optional<Path> path)
        implements Contender {
    /** The JDK's TCP over loopback. */
    public static final SocketContender JDK =
            new SocketContender("jdk", TransportKind.JDK, Map.of(), Optional.of(Path.TCP));
    /** The JDK's Unix-domain sockets. */
    public static final SocketContender UNIX =
            new SocketContender("unix", TransportKind.UNIX, Map.of(), Optional.of(Path.TCP));

    /** This library with the given properties, on the given path. */
    public static SocketContender ours(Path path, Map<String, String> properties) {
        return new SocketContender("ours", TransportKind.VMC, properties, Optional.of(path));
    }

    /** The same, with a connection per operation. */
    public SocketContender connectionPerOperation() {
        return new SocketContender(name, kind, properties, Optional.empty());
    }

    /** The same under another name. */
    public SocketContender named(String other) {
        return new SocketContender(other, kind, properties, path);
    }

    @Override
    public Session open(BenchEnvironment environment, String figure) throws MeasurementException {
        SocketSession session = new SocketSession(environment, figure, this);
        try {
            session.connect();
            return session;
        } catch (MeasurementException | RuntimeException e) {
            session.close();
            throw e;
        }
    }

    /** JVM arguments of its processes: none, what is measured is what an application gets. */
    List<String> jvmArguments() {
        return List.of();
    }

    /** How long a connection may take to reach its path. */
    Duration settleLimit() {
        return Duration.ofSeconds(10);
    }
}
