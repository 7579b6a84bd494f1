package org.xenvmc.migration.packed;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Uses sockets before and after the agent is loaded into it. */
final class LateProgram {
    private LateProgram() {}

    public static void main(String[] args) throws Exception {
        try (ServerSocket old = listen()) {
            exchange("before", old);
            System.in.read();
            exchange("old listener", old);
            try (ServerSocket young = listen()) {
                exchange("new listener", young);
            }
        }
    }

    private static ServerSocket listen() throws IOException {
        return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    }

    private static void exchange(String when, ServerSocket listener) throws IOException {
        try (Socket client = new Socket(listener.getInetAddress(), listener.getLocalPort());
                Socket server = listener.accept()) {
            for (int i = 0; i < 1000; i++) {
                client.getOutputStream().write(i);
                server.getOutputStream().write(server.getInputStream().read());
                if (client.getInputStream().read() != (i & 0xff)) {
                    throw new IOException("another byte came back");
                }
            }
            System.out.println(when + "=works");
        }
    }
}
