package org.xenvmc.bench.transport;

/** What carries a workload. */
public enum TransportKind {
    /** The JDK's own TCP channels. */
    JDK,
    /** The JDK's own Unix-domain channels. */
    UNIX,
    /** This library's channels. */
    VMC
}
