package org.xenvmc.bench.transport;

import java.io.IOException;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.xenvmc.transport.Path;

/** Makes channels for a workload. Everything that differs between what is compared is behind this. */
public interface Transport extends AutoCloseable {
    /** A listening channel on an address of its own choice. */
    ServerSocketChannel listen() throws IOException;

    /** The address of a listening channel, as {@link #connect} takes it in another process. */
    String address(ServerSocketChannel listener) throws IOException;

    /** Connects, blocking. */
    SocketChannel connect(String address) throws IOException;

    /** A selector for this transport's channels. */
    Selector openSelector() throws IOException;

    /** Whether both directions of a connection of this process are carried by {@code path} now. */
    boolean isOn(SocketChannel channel, Path path) throws IOException;

    /** Whether the incoming direction of a connection is carried by {@code path} now; always true where paths do not change. */
    boolean isReceivingOn(SocketChannel channel, Path path) throws IOException;

    /** What carries a connection and why, for messages. */
    String describe(SocketChannel channel) throws IOException;

    /** Takes all connections of this process off shared memory. */
    void leaveHost(Duration limit) throws IOException;

    /** Lets the connections of this process use shared memory again. */
    void joinHost() throws IOException;

    @Override
    void close() throws IOException;
}
