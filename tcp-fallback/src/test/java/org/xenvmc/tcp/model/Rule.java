package org.xenvmc.tcp.model;

/** A rule of the protocol that can be broken on purpose, to see whether the model notices. */
enum Rule {
    /** Bytes that were read beyond the start of the ring are taken back. */
    TAKE_SURPLUS_BACK,
    /** The start is in the ring's header before the frame is on TCP. */
    START_BEFORE_FRAME,
    /** The sender switches only when the receiver is attached. */
    RECEIVER_READY_BEFORE_START,
    /** A START frame that the receiver has not waited for is skipped later. */
    SKIP_OWED_START,
    /** The receiver looks at the words first and at the data then. */
    WORDS_BEFORE_DATA,
    /** The receiver leaves a ring when it is empty. */
    EMPTY_BEFORE_LEAVING,
    /** The manager takes only rings away that have ended. */
    END_BEFORE_DRAINING,
    /** The end is where the sender has come to. */
    END_AT_SENT,
    /** After the first ring TCP carries frames. */
    FRAMES_AFTER_RING,
    /** The sender gets a new ring only when the one before is empty, and the receiver only when it has left it. */
    ONE_RING_AT_A_TIME,
    /** The end of the stream that came through a ring does not overtake its data. */
    FIN_AFTER_DATA,
    /** An abort is looked at before the end of the stream. */
    ABORT_BEFORE_FIN,
    /** What TCP says of the peer is looked at before the data: what the peer wrote before it died comes first. */
    TCP_BEFORE_DATA,
    /** A reader that meets the end of TCP looks whether a ring starts there: its START frame may have died with the sender. */
    RING_BEFORE_THE_END_OF_TCP
}
