package org.xenvmc.transport.metrics;

import java.lang.management.ManagementFactory;
import javax.management.InstanceAlreadyExistsException;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.xenvmc.transport.spi.TransportEngine;

/**
 * Shows a VM in the platform's MBean server, as {@value #NAME}, or {@code org.xenvmc:type=Transport,id=2} and so on for
 * further VMs of one process. The property {@code xenvmc.jmx=true} does it for every VM. Thread-safe.
 */
public final class TransportManagement implements AutoCloseable {
    /** Name of the first VM's bean. */
    public static final String NAME = "org.xenvmc:type=Transport";

    private static final System.Logger LOG = System.getLogger(TransportManagement.class.getName());
    private static final int MOST = 10_000;

    private final MBeanServer server;
    private final ObjectName name;

    private TransportManagement(MBeanServer server, ObjectName name) {
        this.server = server;
        this.name = name;
    }

    /**
     * Registers a VM; it is taken away when the engine is closed.
     *
     * @throws IllegalStateException when the server refuses
     */
    public static TransportManagement register(TransportEngine engine) {
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        TransportBean bean = new TransportBean(engine);
        for (int id = 1; id <= MOST; id++) {
            try {
                ObjectName name = new ObjectName(id == 1 ? NAME : NAME + ",id=" + id);
                server.registerMBean(bean, name);
                TransportManagement registered = new TransportManagement(server, name);
                engine.whenClosed(registered::close);
                return registered;
            } catch (InstanceAlreadyExistsException e) {
                LOG.log(System.Logger.Level.TRACE, "another VM of this process has the name", e);
            } catch (JMException e) {
                throw new IllegalStateException("cannot register " + NAME + ": " + e.getMessage(), e);
            }
        }
        throw new IllegalStateException("cannot register " + NAME + ": " + MOST + " are there");
    }

    /** The bean's name. */
    public ObjectName name() {
        return name;
    }

    /** Takes the bean away. Idempotent. */
    @Override
    public void close() {
        try {
            server.unregisterMBean(name);
        } catch (InstanceNotFoundException e) {
            LOG.log(System.Logger.Level.TRACE, "was taken away before", e);
        } catch (JMException e) {
            LOG.log(System.Logger.Level.WARNING, "cannot take away " + name, e);
        }
    }
}
