package org.xenvmc.migration.network;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.nio.charset.StandardCharsets;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.VmcConnections;
import org.xenvmc.transport.VmcContext;
import org.xenvmc.transport.VmcSelectorProvider;

/**
 * A program inside a network namespace. {@code server jdk|vmc ADDRESS PORT HOST NETWORK} echoes until its input ends;
 * {@code client vmc ADDRESS PORT HOST NETWORK} exchanges bytes and answers each line of its input with the path and
 * reason of its sending direction.
 */
final class NetworkPeer {
    private static final int EXCHANGES = 200;

    private NetworkPeer() {}

    public static void main(String[] args) throws IOException {
        SelectorProvider provider = args[1].equals("jdk")
                ? SelectorProvider.provider()
                : new VmcSelectorProvider(
                        new VmcContext().hostDirectory(args[4]).network(args[5]));
        InetSocketAddress address = new InetSocketAddress(args[2], Integer.parseInt(args[3]));
        if (args[0].equals("server")) {
            serve(provider, address);
        } else {
            ask(provider, address);
        }
    }

    private static void serve(SelectorProvider provider, InetSocketAddress address) throws IOException {
        try (ServerSocketChannel listener = provider.openServerSocketChannel()) {
            listener.bind(address);
            Thread acceptor = new Thread(() -> echoAll(listener), "acceptor");
            acceptor.setDaemon(true);
            acceptor.start();
            System.out.println("ready");
            while (System.in.read() >= 0) {
                // until the test ends
            }
        }
    }

    private static void echoAll(ServerSocketChannel listener) {
        try {
            while (true) {
                try (SocketChannel channel = listener.accept()) {
                    echo(channel);
                }
            }
        } catch (IOException e) {
            return; // the listener was closed
        }
    }

    private static void echo(SocketChannel channel) throws IOException {
        ByteBuffer b = ByteBuffer.allocate(4096);
        while (channel.read(b) >= 0) {
            b.flip();
            while (b.hasRemaining()) {
                channel.write(b);
            }
            b.clear();
        }
    }

    private static void ask(SelectorProvider provider, InetSocketAddress address) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try (SocketChannel channel = provider.openSocketChannel()) {
            channel.connect(address);
            System.out.println("ready");
            int sent = 0;
            while (in.readLine() != null) {
                for (int i = 0; i < EXCHANGES; i++) {
                    exchange(channel, sent++);
                }
                ConnectionInfo.Direction sending = VmcConnections.info(channel).sending();
                System.out.println(sending.path() + " " + sending.reason());
            }
        }
    }

    private static void exchange(SocketChannel channel, int number) throws IOException {
        ByteBuffer b = ByteBuffer.allocate(4).putInt(0, number);
        channel.write(b);
        b.clear();
        while (b.hasRemaining()) {
            if (channel.read(b) < 0) {
                throw new IOException("the server ended");
            }
        }
        if (b.getInt(0) != number) {
            throw new IOException("sent " + number + ", got " + b.getInt(0));
        }
    }
}
