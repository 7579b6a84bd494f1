package org.xenvmc.transport.agent;

import java.util.List;

/**
 * Makes Netty say that its native transports are not there, so that programs which ask take NIO, and with it our provider. Copies
 * of Netty inside other libraries read the property under their own package's name.
 */
final class NettyTransport {
    static final String PROPERTY = "io.netty.transport.noNative";

    private static final List<String> COPIES = List.of(
            "",
            "io.grpc.netty.shaded.",
            "org.apache.hbase.thirdparty.",
            "org.apache.pulsar.shade.",
            "org.apache.flink.shaded.netty4.",
            "com.couchbase.client.core.deps.");

    private NettyTransport() {}

    /** What the program's command line has set stays. */
    static void preferNio() {
        for (String copy : COPIES) {
            if (System.getProperty(copy + PROPERTY) == null) {
                System.setProperty(copy + PROPERTY, "true");
            }
        }
    }
}
