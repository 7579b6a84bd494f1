package org.xenvmc.migration.world;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.SwitchReport;
import org.xenvmc.transport.VmcContext;
import org.xenvmc.transport.VmcSelectorProvider;
import org.xenvmc.transport.spi.TransportEngine;

/** A VM inside the test's own process: a provider with its engine. */
public final class Vm implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final VmcSelectorProvider provider;

    /** Starts a VM with this configuration. */
    public Vm(VmcContext context) {
        provider = new VmcSelectorProvider(context);
    }

    /** Configuration of tests: upgrades at once, small rings so that they wrap often. */
    public static VmcContext eager(HostDirectory host) {
        return new VmcContext()
                .hostDirectory(host.name())
                .upgradeAfterOperations(0)
                .upgradeAfterBytes(0)
                .ringMaxBytes(64 * 1024);
    }

    /** A VM of a host that upgrades at once. */
    public static Vm on(HostDirectory host) {
        return new Vm(eager(host));
    }

    /** A VM of a host that upgrades at once, with changes to its configuration. */
    public static Vm on(HostDirectory host, UnaryOperator<VmcContext> changes) {
        return new Vm(changes.apply(eager(host)));
    }

    /** Makes this VM's channels. */
    public VmcSelectorProvider provider() {
        return provider;
    }

    /** This VM's engine. */
    public TransportEngine engine() {
        return provider.engine();
    }

    /** What the VM knows of the connection whose end this channel is. */
    public Optional<ConnectionInfo> find(SocketChannel channel) throws IOException {
        InetSocketAddress local = (InetSocketAddress) channel.getLocalAddress();
        InetSocketAddress remote = (InetSocketAddress) channel.getRemoteAddress();
        return engine().connections().stream()
                .filter(i -> i.local().equals(local) && i.remote().equals(remote))
                .findFirst();
    }

    /** What the VM knows of the connection whose end this channel is. */
    public ConnectionInfo info(SocketChannel channel) throws IOException {
        return find(channel)
                .orElseThrow(() -> new AssertionError(channel + " is not in its VM's table of connections"));
    }

    /** Leaves the host; nothing may be lost. */
    public void leave() throws IOException {
        SwitchReport report = engine().leaveHost(Duration.ofSeconds(15));
        assertThat(report.lost()).as("connections lost: %s", report).isZero();
    }

    /** Waits until no connection is left in the table. */
    public void awaitNoConnections() {
        Awaitility.await("table of connections")
                .atMost(LIMIT)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .untilAsserted(() -> assertThat(engine().connections()).isEmpty());
    }

    @Override
    public void close() {
        engine().close();
    }
}
