package org.xenvmc.transport;

/** The carrier of one direction of a connection at one moment. */
public enum Path {
    /** Plain TCP: exactly the bytes that the application wrote, nothing else. */
    TCP,
    /** TCP after the direction once was on shared memory: the bytes travel in frames. */
    FRAMED_TCP,
    /** A ring in memory shared by both ends. */
    SHARED_MEMORY
}
