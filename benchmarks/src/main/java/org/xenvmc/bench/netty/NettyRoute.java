package org.xenvmc.bench.netty;

/** What carries Netty's channels. */
public enum NettyRoute {
    /** {@code VmcIoHandler}. */
    HANDLER,
    /** Netty's NIO transport over our selector provider. */
    NIO,
    /** Netty's NIO transport over the JDK's sockets. */
    JDK
}
