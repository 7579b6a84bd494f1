package org.xenvmc.transport.net;

import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import javax.net.ServerSocketFactory;
import javax.net.SocketFactory;
import org.xenvmc.transport.VmcContext;
import org.xenvmc.transport.VmcSelectorProvider;

/** Uses an IPv6 address with the JDK's sockets, or with ours if there is an argument, and prints what comes of it. */
final class IPv4StackProgram {
    private static final InetSocketAddress SIX = new InetSocketAddress("::1", 9);
    private static final InetSocketAddress FOUR = new InetSocketAddress("127.0.0.1", 0);

    private IPv4StackProgram() {}

    public static void main(String[] args) throws Exception {
        if (args.length == 0) {
            report(SocketFactory.getDefault(), ServerSocketFactory.getDefault());
        } else {
            VmcSelectorProvider vm = new VmcSelectorProvider(new VmcContext());
            report(VmcSockets.socketFactory(vm), VmcSockets.serverSocketFactory(vm));
        }
    }

    private static void report(SocketFactory sockets, ServerSocketFactory servers) throws Exception {
        try (Socket s = sockets.createSocket()) {
            line("bind", () -> s.bind(SIX));
            line("bind after that", () -> s.bind(FOUR));
        }
        try (Socket s = sockets.createSocket()) {
            line("connect", () -> s.connect(SIX));
            line("closed", s::getSoLinger);
        }
        try (Socket s = sockets.createSocket()) {
            line("connect in time", () -> s.connect(SIX, 1000));
            line("closed", s::getSoLinger);
        }
        try (ServerSocket s = servers.createServerSocket()) {
            line("listen", () -> s.bind(SIX));
            line("listen after that", () -> s.bind(FOUR));
        }
    }

    /** What may fail. */
    private interface Step {
        void run() throws Exception;
    }

    private static void line(String what, Step step) {
        String outcome = "done";
        try {
            step.run();
        } catch (Exception e) {
            outcome = e.toString();
        }
        System.out.println(what + ": " + outcome);
    }
}
