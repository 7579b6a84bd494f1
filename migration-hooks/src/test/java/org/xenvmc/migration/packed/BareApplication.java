package org.xenvmc.migration.packed;

import java.net.URL;

/** An application that has nothing but the JDK and {@code xenvmc.jar}, and says what it sees. */
final class BareApplication {
    private BareApplication() {}

    public static void main(String[] args) throws Exception {
        EchoOverTheLibrary.run();
        for (String name : new String[] {
            "io.netty.channel.Channel",
            "com.sun.jna.Native",
            "org.agrona.DirectBuffer",
            "picocli.CommandLine",
            "org.xenvmc.shm.syscall.LibC"
        }) {
            System.out.println("class " + name + "=" + isVisible(name));
        }
        for (String name : new String[] {
            "io/netty/channel/Channel.class",
            "META-INF/io.netty.versions.properties",
            "META-INF/native-image/io.netty/netty-common/native-image.properties",
            "com/sun/jna/linux-x86-64/libjnidispatch.so",
            "META-INF/services/org.xenvmc.transport.spi.TransportEngineFactory"
        }) {
            URL url = ClassLoader.getSystemResource(name);
            System.out.println("resource " + name + "=" + (url != null));
        }
    }

    private static boolean isVisible(String className) {
        try {
            Class.forName(className);
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }
}
