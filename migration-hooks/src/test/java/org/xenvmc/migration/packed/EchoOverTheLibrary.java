package org.xenvmc.migration.packed;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.VmcSelectorProvider;

/** Ordinary channels, on whatever provider the system property names. */
final class EchoOverTheLibrary {
    private static final int MAX_ROUNDS = 100_000;

    private EchoOverTheLibrary() {}

    /** Echoes until shared memory carries it. */
    static void run() throws IOException {
        System.out.println("provider=" + SelectorProvider.provider().getClass().getName());
        try (ServerSocketChannel server = ServerSocketChannel.open()) {
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            try (SocketChannel client = SocketChannel.open(server.getLocalAddress());
                    SocketChannel accepted = server.accept()) {
                System.out.println("shared memory=" + echoUntilAccelerated(client, accepted));
            }
        }
    }

    private static boolean echoUntilAccelerated(SocketChannel client, SocketChannel accepted) throws IOException {
        for (int round = 0; round < MAX_ROUNDS; round++) {
            send(client, accepted, round);
            send(accepted, client, round);
            if (usesSharedMemory(client)) {
                return true;
            }
        }
        return false;
    }

    private static void send(SocketChannel from, SocketChannel to, int value) throws IOException {
        ByteBuffer sent = ByteBuffer.allocate(4).putInt(0, value);
        while (sent.hasRemaining()) {
            from.write(sent);
        }
        ByteBuffer received = ByteBuffer.allocate(4);
        while (received.hasRemaining() && to.read(received) >= 0) {
            // the rest
        }
        if (received.getInt(0) != value) {
            throw new IOException("sent " + value + ", received " + received.getInt(0));
        }
    }

    private static boolean usesSharedMemory(SocketChannel channel) throws IOException {
        VmcSelectorProvider provider = (VmcSelectorProvider) channel.provider();
        for (ConnectionInfo info : provider.engine().connections()) {
            if (info.local().equals(channel.getLocalAddress()) && info.sending().ringBytes() > 0) {
                return true;
            }
        }
        return false;
    }
}
