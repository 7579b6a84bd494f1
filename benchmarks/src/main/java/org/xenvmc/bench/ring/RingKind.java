package org.xenvmc.bench.ring;

/** Whose ring. */
public enum RingKind {
    /** This library's ring, in Agrona's format, without the socket API. */
    OURS,
    /** Agrona's own {@code OneToOneRingBuffer}. */
    AGRONA
}
