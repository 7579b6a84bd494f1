package org.xenvmc.migration.packed;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.Socket;

/** Server and client with subclasses of the JDK's sockets, as servers with their own accept have them. */
final class SubclassProgram {
    private SubclassProgram() {}

    static final class OwnSocket extends Socket {}

    static final class OwnServerSocket extends ServerSocket {
        OwnServerSocket() throws IOException {
            super(0, 50, InetAddress.getLoopbackAddress());
        }

        @Override
        public Socket accept() throws IOException {
            OwnSocket accepted = new OwnSocket();
            accepted.setSoTimeout(31_000);
            implAccept(accepted);
            return accepted;
        }
    }

    public static void main(String[] args) throws Exception {
        if (args[0].equals("server")) {
            try (OwnServerSocket listener = new OwnServerSocket()) {
                System.out.println("port=" + listener.getLocalPort());
                try (Socket s = listener.accept()) {
                    System.out.println("time-out handed on=" + (s.getSoTimeout() == 31_000));
                    StreamExchange.serve(s.getInputStream(), s.getOutputStream());
                }
            }
        } else {
            try (Socket s = new Socket(Proxy.NO_PROXY)) {
                s.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[1])), 30_000);
                StreamExchange.converse(s.getInputStream(), s.getOutputStream());
            }
        }
    }
}
