package org.xenvmc.transport;

import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;

/** An ordinary program, which knows only the JDK. It is run with our provider as the default. */
final class ProviderProgram {
    private ProviderProgram() {}

    public static void main(String[] args) throws Exception {
        PrintStream out = System.out;
        out.println("default " + SelectorProvider.provider().getClass().getName());
        out.println("below " + JdkSelectorProvider.get().getClass().getName());
        try (ServerSocketChannel listener = ServerSocketChannel.open();
                Selector selector = Selector.open();
                SocketChannel client = SocketChannel.open();
                DatagramChannel datagram = DatagramChannel.open();
                ServerSocket classic = new ServerSocket()) {
            classic.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            new Socket(classic.getInetAddress(), classic.getLocalPort()).close();
            Pipe pipe = Pipe.open();
            pipe.source().close();
            pipe.sink().close();
            datagram.configureBlocking(false).register(selector, SelectionKey.OP_READ);
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            client.connect(listener.getLocalAddress());
            try (SocketChannel accepted = listener.accept()) {
                accepted.configureBlocking(false).register(selector, SelectionKey.OP_READ);
                client.socket().getOutputStream().write(42);
                selector.select();
                accepted.configureBlocking(false);
                java.nio.ByteBuffer b = java.nio.ByteBuffer.allocate(1);
                accepted.read(b);
                out.println("answer " + b.get(0));
                out.println(VmcConnections.info(accepted));
            }
        }
    }
}
