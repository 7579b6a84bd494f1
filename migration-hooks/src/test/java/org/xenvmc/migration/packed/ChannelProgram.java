package org.xenvmc.migration.packed;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** A server with a selector, and a client with the adaptor of a channel. */
final class ChannelProgram {
    private ChannelProgram() {}

    public static void main(String[] args) throws Exception {
        if (args[0].equals("server")) {
            serve();
        } else {
            InetSocketAddress server =
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[1]));
            try (SocketChannel channel = SocketChannel.open(server)) {
                StreamExchange.converse(
                        channel.socket().getInputStream(), channel.socket().getOutputStream());
            }
        }
    }

    private static void serve() throws Exception {
        try (ServerSocketChannel listener = ServerSocketChannel.open();
                Selector selector = Selector.open()) {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            System.out.println("port=" + listener.socket().getLocalPort());
            try (SocketChannel channel = listener.accept()) {
                channel.configureBlocking(false);
                SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
                ByteBuffer buffer = ByteBuffer.allocate(32 * 1024);
                boolean ended = false;
                while (!ended || buffer.position() > 0) {
                    selector.select();
                    selector.selectedKeys().clear();
                    ended |= !ended && buffer.hasRemaining() && channel.read(buffer) < 0;
                    channel.write(buffer.flip());
                    buffer.compact();
                    key.interestOps((ended || !buffer.hasRemaining() ? 0 : SelectionKey.OP_READ)
                            | (buffer.position() > 0 ? SelectionKey.OP_WRITE : 0));
                }
            }
        }
    }
}
