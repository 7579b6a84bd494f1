package org.xenvmc.transport;

/** How a thread waits for a ring. */
public enum WaitStrategy {
    /** Spins as long as that has paid recently, then sleeps. The default. */
    ADAPTIVE,
    /** Spins without end: lowest latency, one processor per waiting thread. */
    SPIN,
    /** Sleeps at once. */
    PARK
}
