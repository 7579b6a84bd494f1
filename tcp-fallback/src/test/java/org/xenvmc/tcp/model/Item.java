package org.xenvmc.tcp.model;

/** What the model puts on TCP: a byte of the stream as it is, a frame, or an end. Encoded as one number. */
final class Item {
    static final int START = 1 << 16;
    static final int DATA = 2 << 16;
    static final int FIN = 3 << 16;
    static final int EOF = 4 << 16;
    static final int RESET = 5 << 16;

    private Item() {}

    static int kind(int item) {
        return item & ~0xffff;
    }

    static int offset(int item) {
        return item & 0xffff;
    }
}
