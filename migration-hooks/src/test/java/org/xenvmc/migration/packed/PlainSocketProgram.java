package org.xenvmc.migration.packed;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Server and client on {@code java.net}, as in any textbook. */
final class PlainSocketProgram {
    private PlainSocketProgram() {}

    public static void main(String[] args) throws Exception {
        if (args[0].equals("server")) {
            try (ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
                System.out.println("port=" + listener.getLocalPort());
                try (Socket s = listener.accept()) {
                    StreamExchange.serve(s.getInputStream(), s.getOutputStream());
                }
            }
        } else {
            try (Socket s = new Socket("127.0.0.1", Integer.parseInt(args[1]))) {
                s.setSoTimeout(30_000);
                StreamExchange.converse(s.getInputStream(), s.getOutputStream());
            }
        }
    }
}
