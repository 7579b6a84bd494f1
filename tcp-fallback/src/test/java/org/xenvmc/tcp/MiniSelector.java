package org.xenvmc.tcp;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import org.xenvmc.transport.spi.ReadinessListener;

/**
 * A selector for one stream, with nothing that saves time: asks the stream, asks to be told, and sleeps in the JDK's
 * selector, which the stream's notification ends.
 */
final class MiniSelector implements AutoCloseable {
    private final StreamEnd end;
    private final Selector selector;
    private final SelectionKey key;
    private final ReadinessListener listener;

    MiniSelector(StreamEnd end) throws IOException {
        this.end = end;
        end.nonBlocking();
        selector = end.tcp.provider().openSelector();
        key = end.tcp.register(selector, 0);
        listener = selector::wakeup;
        end.stream.addListener(listener);
    }

    /** Waits until one of these operations is ready. */
    int select(int ops) throws IOException {
        long deadline = System.nanoTime() + StreamEnd.LIMIT_NS;
        while (System.nanoTime() - deadline < 0) {
            int ready = end.stream.readyOps(ops);
            if (ready == 0) {
                ready = end.stream.arm(ops);
            }
            if (ready != 0) {
                return ready;
            }
            key.interestOps(end.stream.tcpInterestOps(ops));
            selector.select(StreamEnd.LIMIT_NS / 1_000_000);
            if (!selector.selectedKeys().isEmpty()) {
                selector.selectedKeys().clear();
                ready = end.stream.tcpReadyOps(key.readyOps()) & ops;
                if (ready != 0) {
                    return ready;
                }
            }
        }
        throw new IOException("nothing is ready of " + ops + " on " + end.stream.info());
    }

    /** Reads that many bytes, sleeping in between. */
    void receive(int length) throws IOException {
        long until = end.received + length;
        while (end.received < until) {
            if (end.read((int) (until - end.received), 0) == 0) {
                select(SelectionKey.OP_READ);
            }
        }
    }

    /** Writes that many bytes, sleeping in between. */
    void send(int length) throws IOException {
        long until = end.sent + length;
        while (end.sent < until) {
            if (end.write((int) (until - end.sent), false) == 0) {
                select(SelectionKey.OP_WRITE);
            }
        }
    }

    @Override
    public void close() throws IOException {
        end.stream.removeListener(listener);
        selector.close();
    }
}
