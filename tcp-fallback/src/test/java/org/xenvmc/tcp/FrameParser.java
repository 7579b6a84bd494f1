package org.xenvmc.tcp;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/** What the other side of a stream's TCP connection sees: raw bytes, then frames, each checked. */
final class FrameParser {
    final List<String> frames = new ArrayList<>();
    private final SocketChannel tcp;
    long payload;

    FrameParser(SocketChannel tcp) {
        this.tcp = tcp;
    }

    /** The bytes before the first frame. */
    void raw(long from, int length) throws IOException {
        checkPayload(read(length), from);
    }

    /** Takes frames up to the end of TCP; notes those that carry no bytes of the stream. */
    void untilEnd() throws IOException {
        while (next()) {
            // takes it
        }
    }

    /** Takes frames until this one has been taken. */
    void until(String last) throws IOException {
        while (frames.isEmpty() || !frames.get(frames.size() - 1).equals(last)) {
            if (!next()) {
                throw new EOFException("no " + last + " but " + frames);
            }
        }
    }

    /** Takes a frame; false at the end of TCP. */
    boolean next() throws IOException {
        ByteBuffer header = ByteBuffer.allocate(Frame.HEADER_BYTES);
        if (tcp.read(header) < 0) {
            return false;
        }
        readFully(header);
        byte type = Frame.type(header, 0);
        long offset = Frame.offset(header, 0);
        if (type == Frame.DATA || type == Frame.PROMISED) {
            ByteBuffer bytes = read(Frame.length(header, 0));
            checkPayload(bytes, offset);
            payload += bytes.capacity();
        } else {
            frames.add(type + "@" + offset);
        }
        return true;
    }

    private ByteBuffer read(int length) throws IOException {
        return readFully(ByteBuffer.allocate(length));
    }

    private ByteBuffer readFully(ByteBuffer to) throws IOException {
        while (to.hasRemaining()) {
            if (tcp.read(to) < 0) {
                throw new EOFException("in the middle of a frame, " + to.remaining() + " bytes are missing");
            }
        }
        return to.flip();
    }

    private static void checkPayload(ByteBuffer bytes, long offset) {
        for (int i = 0; i < bytes.limit(); i++) {
            if (bytes.get(i) != StreamEnd.at(offset + i)) {
                throw new AssertionError("byte " + (offset + i));
            }
        }
    }
}
