package org.xenvmc.migration.vm.guest;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.ConnectionInfo.Direction;
import org.xenvmc.transport.SwitchReport;
import org.xenvmc.transport.VmcConnections;
import org.xenvmc.transport.VmcContext;
import org.xenvmc.transport.VmcSelectorProvider;

/**
 * A VM inside a guest: obeys lines on its control port and answers each with one line, {@code ok ...} or {@code error ...}.
 *
 * <pre>
 *   accept PORT SEED RATE       connection from the other guest, then traffic of RATE bytes per second and direction
 *   connect ADDRESS PORT SEED RATE
 *   status                      SENT RECEIVED SENDING-PATH RECEIVING-PATH REASON FAILURE
 *   flow                        SENT RECEIVED SENT-BY-MEMORY RECEIVED-BY-MEMORY SENT-BY-TCP RECEIVED-BY-TCP
 *                               SENDING-PATH RECEIVING-PATH ENDED FAILURE
 *   dirty MEGABYTES             writes to so much memory over and over, so that its migration does not converge
 *   leave | join | stop
 * </pre>
 */
public final class GuestProgram {
    private static final Duration LEAVE_LIMIT = Duration.ofSeconds(20);
    private static final int PAGE_BYTES = 4096;

    private final VmcContext context = VmcContext.fromSystemProperties();
    private final VmcSelectorProvider provider = new VmcSelectorProvider(context);
    private volatile SocketChannel channel;
    private volatile Traffic traffic;

    private GuestProgram() {}

    /** Runs until the guest ends. */
    public static void main(String[] args) throws IOException {
        ControlPort port = ControlPort.open("org.xenvmc.demo");
        GuestProgram program = new GuestProgram();
        while (true) {
            port.writeLine(program.answer(port.readLine().split(" ")));
        }
    }

    private String answer(String[] words) {
        try {
            return "ok " + obey(words);
        } catch (IOException | RuntimeException e) {
            return "error " + e;
        }
    }

    private String obey(String[] w) throws IOException {
        switch (w[0]) {
            case "accept":
                return accept(Integer.parseInt(w[1]), Long.parseLong(w[2]), Long.parseLong(w[3]));
            case "connect":
                SocketChannel c = provider.openSocketChannel();
                c.connect(new InetSocketAddress(w[1], Integer.parseInt(w[2])));
                begin(c, Long.parseLong(w[3]), Long.parseLong(w[3]) + 1, Long.parseLong(w[4]));
                return c.getLocalAddress().toString();
            case "status":
                return status();
            case "flow":
                return flow();
            case "dirty":
                dirty(Integer.parseInt(w[1]) << 20);
                return "";
            case "leave":
                SwitchReport report = provider.engine().leaveHost(LEAVE_LIMIT);
                return report.toString();
            case "join":
                return join();
            case "host":
                return provider.engine().hostStatus().toString();
            case "stop":
                traffic.stop();
                return "";
            default:
                throw new IllegalArgumentException("unknown command " + w[0]);
        }
    }

    /** The device may be a moment later than the command: then the library goes on looking for it. */
    private String join() {
        try {
            provider.engine().joinHost(context.hostDirectory());
            return provider.engine().hostStatus().toString();
        } catch (IOException e) {
            return "later: " + e.getMessage();
        }
    }

    private String accept(int port, long seed, long rate) throws IOException {
        ServerSocketChannel listener = provider.openServerSocketChannel();
        listener.bind(new InetSocketAddress(port));
        Thread t = new Thread(() -> accept(listener, seed, rate), "accept");
        t.setDaemon(true);
        t.start();
        return listener.getLocalAddress().toString();
    }

    private void accept(ServerSocketChannel listener, long seed, long rate) {
        try {
            begin(listener.accept(), seed + 1, seed, rate);
        } catch (IOException e) {
            System.getLogger(GuestProgram.class.getName()).log(System.Logger.Level.ERROR, "accept failed", e);
        }
    }

    private void begin(SocketChannel c, long sendSeed, long receiveSeed, long rate) {
        Traffic t = new Traffic(c, sendSeed, receiveSeed, rate);
        channel = c;
        traffic = t;
        t.start();
    }

    private String status() {
        Traffic t = traffic;
        if (t == null) {
            return "0 0 NONE NONE NONE";
        }
        ConnectionInfo i = VmcConnections.info(channel);
        return t.sent() + " " + t.received() + " " + i.sending().path() + " "
                + i.receiving().path() + " " + i.sending().reason() + " " + t.failure();
    }

    private String flow() {
        Traffic t = traffic;
        if (t == null) {
            return "0 0 0 0 0 0 NONE NONE false";
        }
        Direction out = VmcConnections.info(channel).sending();
        Direction in = VmcConnections.info(channel).receiving();
        return t.sent() + " " + t.received() + " " + out.ringBytes() + " " + in.ringBytes() + " "
                + (out.bytes() - out.ringBytes()) + " " + (in.bytes() - in.ringBytes()) + " " + out.path() + " "
                + in.path() + " " + t.ended() + " " + t.failure();
    }

    private static void dirty(int bytes) {
        byte[] memory = new byte[bytes];
        Thread t = new Thread(
                () -> {
                    for (byte value = 1; ; value++) {
                        for (int i = 0; i < memory.length; i += PAGE_BYTES) {
                            memory[i] = value;
                        }
                    }
                },
                "dirty");
        t.setDaemon(true);
        t.start();
    }
}
