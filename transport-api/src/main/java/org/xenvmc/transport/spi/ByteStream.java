package org.xenvmc.transport.spi;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.DataHandler;

/**
 * The byte stream of one established connection, whatever carries it. All operations may be called by any thread; reads
 * exclude one another, and so do writes.
 *
 * <p>Errors are those of the JDK's own channels: {@link java.nio.channels.ClosedChannelException} after close, {@code
 * SocketException}/{@code IOException} "Connection reset" and "Broken pipe" where TCP gives them, {@link
 * org.xenvmc.transport.ConnectionLostException} where bytes were lost.
 */
public interface ByteStream {
    /** Time-out that means: return at once. */
    long NON_BLOCKING = 0;
    /** Time-out that means: wait without limit. */
    long FOREVER = Long.MAX_VALUE;
    /** Most bytes that are handed out at once where they cannot be handed out in place. */
    int LARGEST_COPY_BYTES = 64 * 1024;

    /**
     * Reads at least one byte, if there is room for one.
     *
     * @param dst destination
     * @param timeoutNs {@link #NON_BLOCKING}, {@link #FOREVER}, or the longest time to wait in nanoseconds
     * @return bytes read; 0 when nothing is there and the call does not block, or dst has no room; -1 at the end
     * @throws java.net.SocketTimeoutException when the time passed; the stream is unharmed
     */
    int read(ByteBuffer dst, long timeoutNs) throws IOException;

    /** Scattering form of {@link #read(ByteBuffer, long)}. */
    long read(ByteBuffer[] dsts, int offset, int length, long timeoutNs) throws IOException;

    /**
     * Hands received bytes to a handler, where they lie if possible. See {@link org.xenvmc.transport.InPlaceReceiver}.
     *
     * @param timeoutNs as of {@link #read(ByteBuffer, long)}
     */
    default int receive(int maxBytes, DataHandler handler, long timeoutNs) throws IOException {
        ByteBuffer copy = ByteBuffer.allocate(Math.min(maxBytes, LARGEST_COPY_BYTES));
        int n = read(copy, timeoutNs);
        if (n > 0) {
            handler.received(copy.flip().asReadOnlyBuffer());
        }
        return n;
    }

    /**
     * Writes.
     *
     * @param src source
     * @param blocking true: returns when all is written, or on a virtual thread when something is and no more fits, as the JDK's channels do;
     *     false: writes what fits now
     * @return bytes written
     */
    int write(ByteBuffer src, boolean blocking) throws IOException;

    /** Gathering form of {@link #write(ByteBuffer, boolean)}. */
    long write(ByteBuffer[] srcs, int offset, int length, boolean blocking) throws IOException;

    /** An estimate of the bytes that can be read without blocking (see {@link java.io.InputStream#available()}). */
    int available() throws IOException;

    /** Sends one byte of urgent data (see {@link java.net.Socket#sendUrgentData(int)}). Blocks while there is no room. */
    void sendUrgent(int data) throws IOException;

    /** Ends reading: reads return -1 from now on, a blocked reader too. */
    void shutdownInput() throws IOException;

    /** Ends writing: the peer reads everything written before and then the end of the stream. */
    void shutdownOutput() throws IOException;

    /** Follows the channel's blocking mode. Called while no key of the channel is valid when {@code block}. */
    void configureBlocking(boolean block) throws IOException;

    /**
     * Closes the stream and the TCP channel below it, wakes every blocked thread (they throw what {@link
     * BlockingSection#endBlocking} throws). Never blocks, except for a linger time that was set.
     */
    void close() throws IOException;

    /**
     * The subset of {@code interestOps} (OP_READ, OP_WRITE) that is ready judging by shared memory and by bytes held
     * privately. Readiness of TCP is not judged here. Never blocks.
     */
    int readyOps(int interestOps);

    /**
     * Asks to be told through the {@link ReadinessListener}s when one of {@code interestOps} becomes ready by shared
     * memory. One notification ends the request.
     *
     * @return the subset that is ready already (then nothing needs to be awaited)
     */
    int arm(int interestOps);

    /** Which of {@code interestOps} the TCP channel has to be watched for by the selector at present. */
    int tcpInterestOps(int interestOps);

    /**
     * Translates readiness of the TCP channel into readiness for the application, taking control frames off the wire.
     *
     * @param tcpReadyOps what the selector found ready on TCP
     * @return the subset that the application can use
     */
    int tcpReadyOps(int tcpReadyOps);

    /** Adds a listener (one per selector that the channel is registered with). */
    void addListener(ReadinessListener listener);

    /** Removes a listener. */
    void removeListener(ReadinessListener listener);

    /** A snapshot for people and tools. */
    ConnectionInfo info();
}
