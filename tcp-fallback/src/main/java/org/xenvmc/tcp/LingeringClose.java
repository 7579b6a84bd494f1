package org.xenvmc.tcp;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.Future;
import org.xenvmc.tcp.netty.Watch;

/**
 * The end of a connection whose TCP carries frames, after the application has closed it. The kernel answers close with a reset
 * when anything lies unread, or comes later; frames without data must not have that effect (docs/protocol.md, "Ends"). So
 * TCP ends its output in order, and the watch loop reads and drops frames until the peer's end. A frame with data is unread data:
 * a reset, as the kernel would do it.
 *
 * <p>The loop's thread does everything but {@link #begin} and, when the loop has ended, {@link #giveUp}.
 */
final class LingeringClose {
    /** What is left on TCP. */
    enum Rest {
        NOTHING,
        ENDED,
        DATA,
        /** A reader that is about to leave has TCP in hand. */
        BUSY
    }

    private static final long RETRY_MS = 1;

    private final LingeringCloses all;
    private final TcpLink link;
    private final SocketChannel channel;
    private final Incoming incoming;
    private final Outgoing outgoing;
    private volatile Watch watch;
    private Future<?> limit;
    private boolean outputEnded; // under the write lock, which every look takes first
    private boolean inputEnded;
    private boolean dataUnread;
    private volatile boolean finished;

    LingeringClose(LingeringCloses all, TcpLink link, Incoming incoming, Outgoing outgoing) {
        this.all = all;
        this.link = link;
        this.channel = link.channel();
        this.incoming = incoming;
        this.outgoing = outgoing;
    }

    /** What watches the channel, and calls {@link #ready} from now on. */
    void watch(Watch value) {
        watch = value;
    }

    /** Ends the output and leaves the rest to the loop. Called by the closing thread, with no reader inside TCP. */
    void begin() throws IOException {
        boolean noWriter = outgoing.withoutWriter(this::endOutput);
        if (!noWriter && channel.isBlocking()) {
            channel.shutdownOutput(); // the writer is inside TCP: this wakes it
        }
        if (channel.isBlocking()) {
            channel.configureBlocking(false);
        }
        watch.execute(this::look);
    }

    private void endOutput() throws IOException {
        if (!outputEnded && link.flush()) {
            channel.shutdownOutput();
            outputEnded = true;
        }
    }

    private void look() {
        int ops = ready();
        if (!finished) {
            if (limit == null) {
                limit = watch.after(all.limitMs(), this::giveUp); // the peer may never end
            }
            watch.interest(ops);
        }
    }

    /** TCP may be readable or writable; returns what to watch for. */
    int ready() {
        if (finished) {
            return 0;
        }
        try {
            boolean busy = !outgoing.withoutWriter(this::endOutput);
            Rest rest = inputEnded ? Rest.ENDED : incoming.takeRest();
            dataUnread |= rest == Rest.DATA;
            inputEnded = dataUnread || rest == Rest.ENDED;
            if (inputEnded && outputEnded) { // a reset before that would take what TCP holds back for a moment with it
                if (dataUnread) {
                    channel.setOption(StandardSocketOptions.SO_LINGER, 0);
                }
                finish();
                return 0;
            }
            if (busy || rest == Rest.BUSY) {
                watch.after(RETRY_MS, this::look);
                return 0;
            }
        } catch (IOException e) {
            finish(); // reset, or garbage: nothing orderly is possible any more
            return 0;
        }
        return (inputEnded ? 0 : SelectionKey.OP_READ) | (outputEnded ? 0 : SelectionKey.OP_WRITE);
    }

    /** What was kept and never taken is lost: the peer must not take that for an orderly end. */
    void giveUp() {
        try {
            if (!finished && (dataUnread || !outputEnded)) {
                channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            }
        } catch (IOException e) {
            return; // closed meanwhile
        } finally {
            finish();
        }
    }

    /** Closes TCP for good. Idempotent. */
    void finish() {
        if (finished) {
            return;
        }
        finished = true;
        all.remove(this);
        if (limit != null) {
            limit.cancel(false);
        }
        if (watch != null) {
            watch.interest(0); // else the loop's selector holds the descriptor
        }
        try {
            channel.close();
        } catch (IOException e) {
            return; // closing cannot be done better
        }
    }
}
