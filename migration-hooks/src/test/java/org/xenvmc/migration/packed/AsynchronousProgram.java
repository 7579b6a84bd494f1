package org.xenvmc.migration.packed;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.Channels;

/** Server and client on asynchronous channels, seen as streams. */
final class AsynchronousProgram {
    private AsynchronousProgram() {}

    public static void main(String[] args) throws Exception {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        if (args[0].equals("server")) {
            try (AsynchronousServerSocketChannel listener = AsynchronousServerSocketChannel.open()) {
                listener.bind(new InetSocketAddress(loopback, 0));
                System.out.println("port=" + ((InetSocketAddress) listener.getLocalAddress()).getPort());
                try (AsynchronousSocketChannel channel = listener.accept().get()) {
                    StreamExchange.serve(Channels.newInputStream(channel), Channels.newOutputStream(channel));
                }
            }
        } else {
            try (AsynchronousSocketChannel channel = AsynchronousSocketChannel.open()) {
                channel.connect(new InetSocketAddress(loopback, Integer.parseInt(args[1])))
                        .get();
                StreamExchange.converse(Channels.newInputStream(channel), Channels.newOutputStream(channel));
            }
        }
    }
}
