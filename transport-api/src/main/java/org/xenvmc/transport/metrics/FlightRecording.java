package org.xenvmc.transport.metrics;

import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.ConnectionLostException;
import org.xenvmc.transport.ReasonCode;
import org.xenvmc.transport.spi.TransportEngine;

/**
 * Tells the JDK's flight recorder what happens, once somebody records. Called by the implementation.
 *
 * <p>The recorder is an optional part of a Java runtime, and its event classes take a quarter of a second to load. Therefore
 * nothing of it is touched before a recording was made in this JVM: until then {@link #isOn()} is the read of a field. All methods
 * may be called by any thread, and none throws.
 */
public final class FlightRecording {
    private static final boolean PRESENT = isPresent();
    private static final Set<TransportEngine> ENGINES =
            Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    private FlightRecording() {}

    private static boolean isPresent() {
        try {
            Class.forName("jdk.jfr.FlightRecorder", false, FlightRecording.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException | LinkageError e) {
            return false; // a runtime without the module jdk.jfr
        }
    }

    /** Whether there is, or was, a recording in this JVM. */
    public static boolean isOn() {
        return PRESENT && Recorder.isOn();
    }

    /** From now on the connections of this engine are recorded periodically, as long as it is in use. */
    public static void add(TransportEngine engine) {
        ENGINES.add(engine);
        isOn();
    }

    /** The engine is closed. */
    public static void remove(TransportEngine engine) {
        ENGINES.remove(engine);
    }

    static List<TransportEngine> engines() {
        synchronized (ENGINES) {
            return List.copyOf(ENGINES);
        }
    }

    /** A direction changed its path. Only when {@link #isOn()}. */
    public static void pathChanged(ConnectionInfo c, boolean sending, boolean toSharedMemory, long offset) {
        if (toSharedMemory) {
            Recorder.upgraded(c, sending, offset);
        } else {
            Recorder.downgraded(c, sending, offset);
        }
    }

    /** A connection was kept off shared memory. Only when {@link #isOn()}. */
    public static void refused(ConnectionInfo c, ReasonCode why) {
        Recorder.refused(c, why);
    }

    /** A connection was lost. Only when {@link #isOn()}. */
    public static void lost(ConnectionInfo c, ConnectionLostException error) {
        Recorder.lost(c, error);
    }

    /** A VM entered another phase of its migration. Only when {@link #isOn()}. */
    public static void phaseChanged(String migrationId, String from, String to, String host) {
        Recorder.phaseChanged(migrationId, from, to, host);
    }
}
