package org.xenvmc.bench.transport;

import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** One side of a measurement: its transport, its connection, and the listener (server) or address (client). */
public final class Endpoint implements AutoCloseable {
    private final Transport transport;
    private final ServerSocketChannel listener;
    private final String address;
    private SocketChannel channel;

    private Endpoint(Transport transport, ServerSocketChannel listener, String address) {
        this.transport = transport;
        this.listener = listener;
        this.address = address;
    }

    /** The server's side, listening. */
    public static Endpoint server(Transport transport) throws IOException {
        ServerSocketChannel listener = transport.listen();
        return new Endpoint(transport, listener, transport.address(listener));
    }

    /** The client's side, not yet connected. */
    public static Endpoint client(Transport transport, String address) {
        return new Endpoint(transport, null, address);
    }

    /** Accepts or makes the connection of this endpoint. */
    public void open() throws IOException {
        channel = newConnection();
    }

    /** Accepts (server) or makes (client) a further connection, blocking. */
    public SocketChannel newConnection() throws IOException {
        return listener != null ? listener.accept() : transport.connect(address);
    }

    /** Where channels come from. */
    public Transport transport() {
        return transport;
    }

    /** The server's address. */
    public String address() {
        return address;
    }

    /** The connection, once {@link #open} was called. */
    public SocketChannel channel() {
        return channel;
    }

    @Override
    public void close() throws IOException {
        try (transport;
                listener) {
            if (channel != null) {
                channel.close();
            }
        }
    }
}
