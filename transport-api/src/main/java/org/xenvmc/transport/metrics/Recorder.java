package org.xenvmc.transport.metrics;

import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicBoolean;
import jdk.jfr.FlightRecorder;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.ConnectionInfo.Direction;
import org.xenvmc.transport.ConnectionLostException;
import org.xenvmc.transport.ReasonCode;
import org.xenvmc.transport.metrics.RecordedEvents.ConnectionLost;
import org.xenvmc.transport.metrics.RecordedEvents.ConnectionStatistics;
import org.xenvmc.transport.metrics.RecordedEvents.Downgrade;
import org.xenvmc.transport.metrics.RecordedEvents.MigrationPhase;
import org.xenvmc.transport.metrics.RecordedEvents.Refused;
import org.xenvmc.transport.metrics.RecordedEvents.Upgrade;
import org.xenvmc.transport.spi.TransportEngine;

/** The part of {@link FlightRecording} that needs the module jdk.jfr. */
final class Recorder {
    private static final System.Logger LOG = System.getLogger(Recorder.class.getName());
    private static final AtomicBoolean PERIODIC = new AtomicBoolean();

    private Recorder() {}

    static boolean isOn() {
        if (!FlightRecorder.isInitialized()) {
            return false;
        }
        if (!PERIODIC.get() && PERIODIC.compareAndSet(false, true)) {
            registerPeriodic();
        }
        return true;
    }

    private static void registerPeriodic() {
        try {
            FlightRecorder.addPeriodicEvent(ConnectionStatistics.class, Recorder::recordConnections);
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "connections are not recorded periodically", e);
        }
    }

    private static void recordConnections() {
        for (TransportEngine engine : FlightRecording.engines()) {
            engine.connections().forEach(Recorder::recordConnection);
        }
    }

    private static void recordConnection(ConnectionInfo c) {
        ConnectionStatistics e = new ConnectionStatistics();
        if (!e.isEnabled()) {
            return;
        }
        Direction out = c.sending();
        Direction in = c.receiving();
        e.local = text(c.local());
        e.remote = text(c.remote());
        e.peer = peer(c);
        e.sendingPath = out.path().name();
        e.sendingReason = out.reason().name();
        e.sentBytes = out.bytes();
        e.sentByMemoryBytes = out.ringBytes();
        e.sendingRingFillBytes = out.ringFillBytes();
        e.sendingSleeps = out.sleeps();
        e.sendingWakeUps = out.wakeUps();
        e.receivingPath = in.path().name();
        e.receivingReason = in.reason().name();
        e.receivedBytes = in.bytes();
        e.receivedByMemoryBytes = in.ringBytes();
        e.receivingRingFillBytes = in.ringFillBytes();
        e.receivingSleeps = in.sleeps();
        e.receivingWakeUps = in.wakeUps();
        e.commit();
    }

    static void upgraded(ConnectionInfo c, boolean sending, long offset) {
        Upgrade e = new Upgrade();
        if (e.isEnabled()) {
            e.local = text(c.local());
            e.remote = text(c.remote());
            e.peer = peer(c);
            e.direction = direction(sending);
            e.offset = offset;
            e.ringCapacityBytes = (sending ? c.sending() : c.receiving()).ringCapacityBytes();
            e.commit();
        }
    }

    static void downgraded(ConnectionInfo c, boolean sending, long offset) {
        Downgrade e = new Downgrade();
        if (e.isEnabled()) {
            Direction d = sending ? c.sending() : c.receiving();
            e.local = text(c.local());
            e.remote = text(c.remote());
            e.peer = peer(c);
            e.direction = direction(sending);
            e.offset = offset;
            e.byMemoryBytes = d.ringBytes();
            e.reason = d.reason().name();
            e.reasonCode = d.reason().code();
            e.commit();
        }
    }

    static void refused(ConnectionInfo c, ReasonCode why) {
        Refused e = new Refused();
        if (e.isEnabled()) {
            e.local = text(c.local());
            e.remote = text(c.remote());
            e.reason = why.name();
            e.reasonCode = why.code();
            e.explanation = why.explanation();
            e.commit();
        }
    }

    static void lost(ConnectionInfo c, ConnectionLostException error) {
        ConnectionLost e = new ConnectionLost();
        if (e.isEnabled()) {
            e.local = text(c.local());
            e.remote = text(c.remote());
            e.peer = peer(c);
            e.offset = error.offset();
            e.reason = error.reason().name();
            e.reasonCode = error.reason().code();
            e.detail = error.getMessage();
            e.commit();
        }
    }

    static void phaseChanged(String migrationId, String from, String to, String host) {
        MigrationPhase e = new MigrationPhase();
        if (e.isEnabled()) {
            e.migrationId = migrationId;
            e.from = from;
            e.to = to;
            e.host = host;
            e.commit();
        }
    }

    private static String direction(boolean sending) {
        return sending ? "sending" : "receiving";
    }

    private static String peer(ConnectionInfo c) {
        return c.peer() == null ? null : c.peer().toString();
    }

    private static String text(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
    }
}
