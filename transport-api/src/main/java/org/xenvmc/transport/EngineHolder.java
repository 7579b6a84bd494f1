package org.xenvmc.transport;

import java.io.IOException;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.xenvmc.transport.metrics.FlightRecording;
import org.xenvmc.transport.metrics.TransportManagement;
import org.xenvmc.transport.spi.EngineService;
import org.xenvmc.transport.spi.ImplementationLoader;
import org.xenvmc.transport.spi.TransportEngine;
import org.xenvmc.transport.spi.TransportEngineFactory;

/** Makes the engine of a provider when it is needed for the first time. */
final class EngineHolder {
    private static final System.Logger LOG = System.getLogger(EngineHolder.class.getName());

    private final VmcContext context;
    private final TransportEngineFactory factory;
    private volatile TransportEngine engine;
    private boolean making; // guarded by this

    EngineHolder(VmcContext context, TransportEngineFactory factory) {
        this.context = context;
        this.factory = factory;
    }

    TransportEngine ifMade() {
        return engine;
    }

    TransportEngine get() {
        TransportEngine e = engine;
        return e != null ? e : make();
    }

    private synchronized TransportEngine make() {
        if (engine == null) {
            if (making) {
                return new TcpOnlyEngine(); // what is being loaded (a logger of the program, say) uses sockets itself
            }
            making = true;
            try {
                engine = observed(factory.create(context));
            } finally {
                making = false;
            }
        }
        return engine;
    }

    private TransportEngine observed(TransportEngine made) {
        FlightRecording.add(made);
        made.whenClosed(() -> FlightRecording.remove(made));
        if (context.jmx()) {
            manage(made);
        }
        if (!context.migrationSources().isBlank()) {
            startSources(made, context.migrationSources());
        }
        return made;
    }

    /** A VM that is not told of migrations is better off than a program that dies. */
    private static void startSources(TransportEngine engine, String sources) {
        try {
            ServiceLoader<EngineService> services = ServiceLoader.load(EngineService.class, ImplementationLoader.get());
            if (services.findFirst().isEmpty()) {
                throw new IllegalStateException("migration-hooks is not on the class path");
            }
            for (EngineService service : services) {
                service.start(engine, sources);
            }
        } catch (ServiceConfigurationError | LinkageError | IOException | RuntimeException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "nobody tells this VM of migrations (" + VmcContext.MIGRATION_SOURCES_PROPERTY + "=" + sources
                            + ")",
                    e);
        }
    }

    /** JMX is an optional part of a Java runtime. */
    private static void manage(TransportEngine engine) {
        try {
            TransportManagement.register(engine);
        } catch (LinkageError | RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "this VM is not shown in JMX", e);
        }
    }

    /** A program whose sockets work over TCP is better off than one that dies because acceleration is not possible. */
    static TransportEngine load(VmcContext context) {
        try {
            Optional<TransportEngineFactory> factory = ServiceLoader.load(
                            TransportEngineFactory.class, ImplementationLoader.get())
                    .findFirst();
            if (factory.isPresent()) {
                return factory.get().create(context);
            }
            LOG.log(System.Logger.Level.DEBUG, "no {0} on the class path: TCP only", TransportEngineFactory.class);
        } catch (ServiceConfigurationError | LinkageError | RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "shared memory is not available, all connections stay on TCP", e);
        }
        return new TcpOnlyEngine();
    }
}
