package org.xenvmc.migration.packed;

import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** TLS: an SSLServerSocket, and an SSLSocket that the client layers over a socket which is connected already. */
final class TlsProgram {
    static final String PASSWORD = "changeit";

    private TlsProgram() {}

    public static void main(String[] args) throws Exception {
        if (args[0].equals("server")) {
            SSLContext context = context(Path.of(args[1]));
            try (SSLServerSocket listener = (SSLServerSocket)
                    context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
                System.out.println("port=" + listener.getLocalPort());
                try (Socket s = listener.accept()) {
                    StreamExchange.serve(s.getInputStream(), s.getOutputStream());
                }
            }
        } else {
            SSLContext context = context(Path.of(args[2]));
            Socket below = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(args[1]));
            try (SSLSocket s =
                    (SSLSocket) context.getSocketFactory().createSocket(below, "localhost", below.getPort(), true)) {
                s.startHandshake();
                StreamExchange.converse(s.getInputStream(), s.getOutputStream());
            }
        }
    }

    private static SSLContext context(Path keys) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keys)) {
            store.load(in, PASSWORD.toCharArray());
        }
        KeyManagerFactory mine = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        mine.init(store, PASSWORD.toCharArray());
        TrustManagerFactory others = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        others.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(mine.getKeyManagers(), others.getTrustManagers(), null);
        return context;
    }
}
