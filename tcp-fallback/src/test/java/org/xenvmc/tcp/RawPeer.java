package org.xenvmc.tcp;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import org.xenvmc.transport.ConnectionLostException;

/** A stream whose peer is a bare TCP socket: the test writes every byte of the control path itself. */
final class RawPeer {
    final SocketChannel tcp;
    final StreamEnd end;
    private final FakeRing ring = new FakeRing(4096);

    RawPeer() throws IOException {
        SocketChannel[] both = StreamPair.connect();
        tcp = both[0];
        end = new StreamEnd(both[1], false);
    }

    /** The ring that the peer sends on; the stream is attached to it. */
    FakeRing attachRing() {
        end.receiveOn(ring);
        return ring;
    }

    static ByteBuffer frame(byte type, long offset, int payload) {
        ByteBuffer b = ByteBuffer.allocate(Frame.HEADER_BYTES + payload);
        Frame.putHeader(b, type, payload, offset);
        return b.put(StreamEnd.bytes(offset, payload)).flip();
    }

    static ByteBuffer raw(long offset, int length) {
        return ByteBuffer.wrap(StreamEnd.bytes(offset, length));
    }

    static byte[] join(ByteBuffer... parts) {
        int length = 0;
        for (ByteBuffer p : parts) {
            length += p.remaining();
        }
        ByteBuffer all = ByteBuffer.allocate(length);
        for (ByteBuffer p : parts) {
            all.put(p.duplicate());
        }
        return all.array();
    }

    /** Sends these bytes, and waits until they are at the stream's socket, or taken from there. */
    void send(byte[] bytes, int from, int to) throws IOException {
        ByteBuffer b = ByteBuffer.wrap(bytes, from, to - from);
        while (b.hasRemaining()) {
            tcp.write(b);
        }
    }

    void send(ByteBuffer... parts) throws IOException {
        byte[] all = join(parts);
        send(all, 0, all.length);
    }

    /**
     * Does once what a selector and its application do: asks what to watch for, looks at TCP, translates, and reads if that
     * makes sense.
     *
     * @return bytes read, -1 at the end, 0 for nothing
     */
    int selectAndRead(ByteBuffer dst) throws IOException {
        SwitchingStream s = end.stream;
        int ready = s.readyOps(SelectionKey.OP_READ);
        if (ready == 0 && s.tcpInterestOps(SelectionKey.OP_READ) != 0 && kernelReadable()) {
            ready = s.tcpReadyOps(SelectionKey.OP_READ);
        }
        return ready == 0 ? 0 : s.read(dst, 0);
    }

    private boolean kernelReadable() throws IOException {
        try (Selector selector = end.tcp.provider().openSelector()) {
            SelectionKey key = end.tcp.register(selector, SelectionKey.OP_READ);
            boolean readable = selector.selectNow() > 0;
            key.cancel();
            selector.selectNow();
            return readable;
        }
    }

    /** Reads, not blocking, until nothing comes for a while that the loop may need, or the end. */
    boolean readAllThere(int until) throws IOException {
        long deadline = System.nanoTime() + StreamEnd.LIMIT_NS;
        ByteBuffer dst = ByteBuffer.allocate(1000);
        while (end.received < until) {
            int n = selectAndRead(dst.clear());
            if (n < 0) {
                return false;
            }
            end.check(dst.flip());
            if (System.nanoTime() - deadline > 0) {
                throw new ConnectionLostException(end.received, null, "nothing comes");
            }
        }
        return true;
    }

    void close() throws IOException {
        tcp.close();
        end.close();
    }
}
