package org.xenvmc.migration.packed;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A proxy that plays the target as well, and a client that reaches it through {@code java.net}'s own proxy support. */
final class ProxyProgram {
    private static final byte SOCKS_5 = 5;

    private ProxyProgram() {}

    public static void main(String[] args) throws Exception {
        if (args[0].equals("server")) {
            try (ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
                System.out.println("port=" + listener.getLocalPort());
                try (Socket s = listener.accept()) {
                    greet(new DataInputStream(s.getInputStream()), s.getOutputStream());
                    StreamExchange.serve(s.getInputStream(), s.getOutputStream());
                }
            }
        } else {
            try (Socket s = socket(args[2], Integer.parseInt(args[1]))) {
                s.connect(InetSocketAddress.createUnresolved("target.invalid", 80));
                StreamExchange.converse(s.getInputStream(), s.getOutputStream());
            }
        }
    }

    private static Socket socket(String kind, int port) {
        if (kind.equals("SYSTEM")) {
            System.setProperty(
                    "socksProxyHost", InetAddress.getLoopbackAddress().getHostAddress());
            System.setProperty("socksProxyPort", Integer.toString(port));
            return new Socket();
        }
        return new Socket(
                new Proxy(Proxy.Type.valueOf(kind), new InetSocketAddress(InetAddress.getLoopbackAddress(), port)));
    }

    private static void greet(DataInputStream in, OutputStream out) throws IOException {
        int first = in.read();
        if (first == SOCKS_5) {
            in.readNBytes(in.read()); // methods
            out.write(new byte[] {SOCKS_5, 0});
            in.readNBytes(4); // version, command, reserved, type of address: a name
            in.readNBytes(in.read() + 2);
            out.write(new byte[] {SOCKS_5, 0, 0, 1, 127, 0, 0, 1, 0, 80});
            System.out.println("greeted=SOCKS");
        } else {
            StringBuilder head = new StringBuilder().append((char) first);
            while (head.indexOf("\r\n\r\n") < 0) {
                head.append((char) in.read());
            }
            out.write("HTTP/1.1 200 Connection established\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            System.out.println("greeted=" + head.substring(0, head.indexOf(" ")));
        }
    }
}
