package org.xenvmc.transport.spi;

/** Told by a stream that its readiness, or the path that decides it, may have changed. */
@FunctionalInterface
public interface ReadinessListener {
    /** Called by any thread, possibly spuriously, possibly while locks of the stream are held: must not block. */
    void readinessMayHaveChanged();
}
