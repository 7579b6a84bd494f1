package org.xenvmc.bench.guest;

/** What the migrated guest is busy with. */
enum Load {
    /** Nothing. */
    IDLE,
    /** A mail server that gets mails. */
    MAIL,
    /** A steady stream of data. */
    DATA,
    /** No migration: figures of a connection between two guests. */
    LINK
}
