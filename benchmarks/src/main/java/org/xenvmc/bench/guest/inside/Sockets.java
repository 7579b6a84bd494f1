package org.xenvmc.bench.guest.inside;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.transport.TransportStatistics;
import org.xenvmc.transport.net.VmcSockets;

/** Where sockets come from: the library, or the JDK as if there were none. */
enum Sockets {
    /** The JDK's own. */
    PLAIN {
        @Override
        SelectorProvider provider() {
            return SelectorProvider.provider();
        }

        @Override
        ServerSocket serverSocket() throws IOException {
            return new ServerSocket();
        }
    },
    /** The library's. */
    LIBRARY {
        @Override
        SelectorProvider provider() {
            return VmcSockets.provider();
        }

        @Override
        ServerSocket serverSocket() throws IOException {
            return VmcSockets.serverSocketFactory().createServerSocket();
        }
    };

    abstract SelectorProvider provider();

    /** Not yet bound. */
    abstract ServerSocket serverSocket() throws IOException;

    static Sockets of(JsonObject command) throws IOException {
        return valueOf(command.text("sockets"));
    }

    ServerSocketChannel listen(int port) throws IOException {
        return provider().openServerSocketChannel().bind(new InetSocketAddress(port));
    }

    SocketChannel connect(String address, int port) throws IOException {
        SocketChannel channel = provider().openSocketChannel();
        boolean done = false;
        try {
            channel.connect(new InetSocketAddress(InetAddress.getByName(address), port));
            done = true;
            return channel;
        } finally {
            if (!done) {
                channel.close();
            }
        }
    }

    /** Adds what came through shared memory so far, to tell whether a case measured what it is called. */
    JsonObject account(JsonObject to) {
        if (this == PLAIN) {
            return to.put("ringBytes", 0);
        }
        TransportStatistics s = VmcSockets.provider().engine().statistics();
        return to.put("ringBytes", s.receiving().ringBytes())
                .put("lostConnections", s.lost())
                .put("joined", VmcSockets.provider().engine().hostStatus().joined())
                .put("refusals", s.refusals().toString());
    }
}
