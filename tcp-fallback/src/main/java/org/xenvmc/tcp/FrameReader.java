package org.xenvmc.tcp;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.xenvmc.transport.spi.ByteStream;

/**
 * Cuts what comes over TCP into frames. Owned by whoever owns the TCP input: the watch loop while the direction is on a
 * ring, the holder of the read lock otherwise.
 */
final class FrameReader {
    static final int BUFFER_BYTES = FrameBuffers.BYTES;
    /** Frames with more payload left than this are read straight into the application's buffer. */
    private static final int DIRECT_PAYLOAD = 4 * 1024;
    /** Frames of at least this size are expected to be followed by such. */
    private static final int LARGE_PAYLOAD = 16 * 1024;

    /** See {@link #readAhead}. */
    static final int NO_BYTES = -2;

    private static final ByteBuffer NONE = ByteBuffer.allocate(0);

    private final TcpLink link;
    private final FrameBuffers buffers;
    private ByteBuffer in = NONE; // read mode
    private int payloadLeft;
    private boolean promised;
    private boolean discarding;
    private boolean largeFrames;
    private ByteBuffer header; // only where large frames came

    FrameReader(TcpLink link, FrameBuffers buffers) {
        this.link = link;
        this.buffers = buffers;
    }

    /** Takes bytes that were read together with the last bytes before a switch. */
    void unread(ByteBuffer bytes) {
        ByteBuffer joined = ByteBuffer.allocate(bytes.remaining() + in.remaining());
        replace(joined.put(bytes).put(in).flip());
    }

    /** Payload of the current DATA frame that was not taken yet. */
    int payloadLeft() {
        return payloadLeft;
    }

    /** Payload that is here already. */
    int buffered() {
        return Math.min(payloadLeft, in.remaining());
    }

    /** Whether the payload of the current frame is to be thrown away. */
    boolean discarding() {
        return discarding && payloadLeft > 0;
    }

    void discardPayload() {
        discarding = true;
    }

    /** Throws payload away; as {@link #readPayload}. */
    int discard(long timeoutNs) throws IOException {
        return readPayload(ByteBuffer.allocate(payloadLeft), timeoutNs);
    }

    /** Whether the next header is a START of this offset; says nothing about any other frame. */
    boolean isStart(long offset) {
        return Frame.isStart(in, in.position(), offset);
    }

    /** Whether a whole header is here. */
    boolean hasHeader() {
        return payloadLeft == 0 && in.remaining() >= Frame.HEADER_BYTES;
    }

    /** Whether bytes are missing that the peer's application has written. To be asked when TCP has ended. */
    boolean lost() {
        return payloadLeft > 0 ? promised : Frame.isLossToEndIn(in, in.position(), in.remaining());
    }

    byte headerType() throws IOException {
        return Frame.type(in, in.position());
    }

    long headerOffset() {
        return Frame.offset(in, in.position());
    }

    /** Takes the header: of a DATA frame, its payload is next. */
    void takeHeader() throws IOException {
        discarding = false;
        promised = headerType() == Frame.PROMISED;
        payloadLeft = Frame.hasPayload(headerType()) ? Frame.length(in, in.position()) : 0;
        largeFrames = payloadLeft >= LARGE_PAYLOAD;
        in.position(in.position() + Frame.HEADER_BYTES);
    }

    /** Reads at most what is missing of one header, so that the payload stays in the kernel. For the watch loop. */
    int fillHeaderOnly() throws IOException {
        return fill(Frame.HEADER_BYTES, 0);
    }

    /** Reads as much as there is. As a channel's read. */
    int fill(long timeoutNs) throws IOException {
        return fill(BUFFER_BYTES, timeoutNs);
    }

    private int fill(int upTo, long timeoutNs) throws IOException {
        if (in.capacity() < upTo) {
            ByteBuffer bigger = upTo == BUFFER_BYTES ? buffers.take() : ByteBuffer.allocate(upTo);
            replace(bigger.clear().put(in).flip());
        }
        in.compact();
        try {
            in.limit(Math.max(in.position(), Math.min(in.capacity(), upTo)));
            return link.read(in, timeoutNs);
        } finally {
            in.flip();
        }
    }

    private void replace(ByteBuffer next) {
        ByteBuffer before = in;
        in = next;
        if (before.capacity() == BUFFER_BYTES) {
            buffers.giveBack(before);
        }
    }

    /**
     * Reads payload of the current frame.
     *
     * @return bytes, 0 when none is there, -1 at the end of TCP
     */
    int readPayload(ByteBuffer dst, long timeoutNs) throws IOException {
        if (!in.hasRemaining()) {
            int want = Math.min(payloadLeft, dst.remaining());
            if (want >= DIRECT_PAYLOAD && dst.isDirect()) {
                return readDirect(dst, want, timeoutNs);
            }
            int n = fill(timeoutNs);
            if (n <= 0) {
                return n;
            }
        }
        int n = Math.min(Math.min(payloadLeft, in.remaining()), dst.remaining());
        dst.put(dst.position(), in, in.position(), n);
        in.position(in.position() + n);
        dst.position(dst.position() + n);
        payloadLeft -= n;
        return n;
    }

    /** Whether {@link #readAhead} is likely to pay: the frames are larger than what is asked for, or nearly so. */
    boolean mayReadAhead(ByteBuffer dst, long timeoutNs) {
        boolean timed = timeoutNs > 0 && timeoutNs != ByteStream.FOREVER;
        return largeFrames && !timed && dst.isDirect() && dst.remaining() >= LARGE_PAYLOAD && !in.hasRemaining();
    }

    /**
     * Reads the next header, and what follows it straight into the application's buffer, in one system call. What does not
     * belong there is taken back.
     *
     * @param offset of the DATA frame that is expected
     * @return bytes of the payload; 0 when something else came, which is buffered now; -1 at the end of TCP; and {@link
     *     #NO_BYTES} when none came
     */
    int readAhead(ByteBuffer dst, long offset) throws IOException {
        if (header == null) {
            header = ByteBuffer.allocateDirect(Frame.HEADER_BYTES);
        }
        int from = dst.position();
        long n = link.read(header.clear(), dst);
        if (n <= 0) {
            return n < 0 ? -1 : NO_BYTES;
        }
        header.flip();
        int there = dst.position() - from;
        boolean expected = header.remaining() == Frame.HEADER_BYTES && Frame.isData(header, 0, offset);
        int payload = expected ? Math.min(there, Frame.length(header, 0)) : 0;
        if (expected) {
            promised = Frame.type(header, 0) == Frame.PROMISED;
            payloadLeft = Frame.length(header, 0) - payload;
            discarding = false;
            header.position(Frame.HEADER_BYTES);
        }
        takeBack(dst, from + payload, there - payload);
        return payload;
    }

    /** The rest of the header, if it was not the expected one, and so many bytes of the buffer are the next to be read. */
    private void takeBack(ByteBuffer dst, int position, int bytes) {
        if (header.remaining() + bytes > 0) {
            ByteBuffer back = ByteBuffer.allocate(header.remaining() + bytes).put(header);
            replace(back.put(back.position(), dst, position, bytes).clear());
        }
        dst.position(position);
    }

    private int readDirect(ByteBuffer dst, int want, long timeoutNs) throws IOException {
        int limit = dst.limit();
        dst.limit(dst.position() + want);
        try {
            int n = link.read(dst, timeoutNs);
            payloadLeft -= Math.max(0, n);
            return n;
        } finally {
            dst.limit(limit);
        }
    }

    /** Gives the buffer back when it is empty: an idle connection keeps none. */
    void trim() {
        if (!in.hasRemaining() && in != NONE) {
            replace(NONE);
        }
    }
}
