package org.xenvmc.migration.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.xenvmc.transport.ConnectionInfo.Direction;
import org.xenvmc.transport.ReasonCode;
import org.xenvmc.transport.VmcConnections;
import org.xenvmc.transport.VmcContext;
import org.xenvmc.transport.VmcSelectorProvider;

/** Connects, sends nothing, and sees what both ends agree on. */
final class TrialConnection {
    private static final int CONNECT_LIMIT_MS = 5_000;
    private static final long LOOK_AGAIN_NS = TimeUnit.MILLISECONDS.toNanos(2);
    /** A reason that may pass counts when it has stood for this long: joining the host comes first. */
    private static final long FINAL_AFTER_NS = TimeUnit.SECONDS.toNanos(1);

    private static final Set<ReasonCode> AGREED = EnumSet.of(ReasonCode.NONE, ReasonCode.AWAITING_NEXT_WRITE);
    private static final Set<ReasonCode> UNDER_WAY =
            EnumSet.of(ReasonCode.WARMING_UP, ReasonCode.NEGOTIATING, ReasonCode.NOT_JOINED);

    private TrialConnection() {}

    /** Makes the connection and adds what came of it. */
    static void make(InetSocketAddress target, VmcContext context, Reachability result) {
        VmcSelectorProvider provider =
                new VmcSelectorProvider(context.upgradeAfterOperations(0).upgradeAfterBytes(0));
        try (SocketChannel channel = provider.openSocketChannel()) {
            channel.socket().connect(target, CONNECT_LIMIT_MS);
            Direction sending = settle(channel, context);
            if (AGREED.contains(sending.reason())) {
                result.good("connect", "both ends have agreed on shared memory");
            } else {
                result.bad("connect", sending.reason(), "the connection stays on TCP: " + sending.reason());
            }
        } catch (IOException e) {
            result.bad("connect", ReasonCode.CLOSED, "cannot connect to " + target + ": " + e.getMessage());
        } finally {
            provider.engine().close();
        }
    }

    private static Direction settle(SocketChannel channel, VmcContext context) {
        long startNs = System.nanoTime();
        long limitNs = TimeUnit.MILLISECONDS.toNanos(context.offerLimitMs()) + FINAL_AFTER_NS;
        long sinceNs = startNs;
        Direction seen = VmcConnections.info(channel).sending();
        while (!AGREED.contains(seen.reason())) {
            long now = System.nanoTime();
            boolean standing = !UNDER_WAY.contains(seen.reason()) && now - sinceNs > FINAL_AFTER_NS;
            if (standing || now - startNs > limitNs) {
                break;
            }
            LockSupport.parkNanos(LOOK_AGAIN_NS);
            Direction next = VmcConnections.info(channel).sending();
            sinceNs = next.reason() == seen.reason() ? sinceNs : now;
            seen = next;
        }
        return seen;
    }
}
