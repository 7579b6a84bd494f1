package org.xenvmc.bench.transport;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.HostStatus;
import org.xenvmc.transport.Path;
import org.xenvmc.transport.VmcConnections;
import org.xenvmc.transport.VmcContext;
import org.xenvmc.transport.VmcSelectorProvider;

/** This library's channels. */
final class VmcTransport extends JdkTransport {
    private final VmcSelectorProvider provider;

    VmcTransport(VmcContext context) {
        this(new VmcSelectorProvider(context));
    }

    private VmcTransport(VmcSelectorProvider provider) {
        super(provider);
        this.provider = provider;
    }

    @Override
    public boolean isOn(SocketChannel channel, Path path) {
        ConnectionInfo info = VmcConnections.info(channel);
        return info.sending().path() == path && info.receiving().path() == path;
    }

    @Override
    public boolean isReceivingOn(SocketChannel channel, Path path) {
        return VmcConnections.info(channel).receiving().path() == path;
    }

    @Override
    public String describe(SocketChannel channel) {
        ConnectionInfo info = VmcConnections.info(channel);
        HostStatus host = provider.engine().hostStatus();
        return "sending on " + describe(info.sending()) + ", receiving on " + describe(info.receiving()) + "; "
                + (host.joined() ? host.vms().size() + " VMs on " : "not joined, " + host.reason() + ": ")
                + host.host();
    }

    private static String describe(ConnectionInfo.Direction direction) {
        return direction.path() + " (" + direction.reason() + ": "
                + direction.reason().explanation() + ")";
    }

    @Override
    public void leaveHost(Duration limit) throws IOException {
        provider.engine().leaveHost(limit);
    }

    @Override
    public void joinHost() throws IOException {
        provider.engine().joinHost(provider.context().hostDirectory());
    }

    @Override
    public void close() {
        provider.engine().close();
    }
}
