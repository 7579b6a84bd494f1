package org.xenvmc.transport.netty;

import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.List;
import org.xenvmc.transport.VmcSelectorProvider;

/** A listening channel of Netty that accepts {@link VmcNettySocketChannel}s. For event loops with a {@link VmcIoHandler}. */
public class VmcNettyServerSocketChannel extends NioServerSocketChannel {
    /** A channel of the default provider; see {@link VmcIoHandler#newFactory()}. */
    public VmcNettyServerSocketChannel() {
        this(DefaultProvider.get());
    }

    /** A channel of this provider. */
    public VmcNettyServerSocketChannel(VmcSelectorProvider provider) {
        super(provider);
    }

    @Override
    protected int doReadMessages(List<Object> accepted) throws IOException {
        SocketChannel connection = javaChannel().accept();
        if (connection == null) {
            return 0;
        }
        try {
            accepted.add(new VmcNettySocketChannel(this, connection));
            return 1;
        } catch (RuntimeException e) {
            connection.close();
            throw e;
        }
    }
}
