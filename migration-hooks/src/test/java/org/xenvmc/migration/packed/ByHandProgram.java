package org.xenvmc.migration.packed;

import java.net.ServerSocket;
import java.net.Socket;
import org.xenvmc.transport.net.VmcSockets;

/** A program that takes the library's sockets itself, without the agent. */
final class ByHandProgram {
    private ByHandProgram() {}

    @SuppressWarnings("deprecation") // the JDK has nothing else for all sockets of a program
    public static void main(String[] args) throws Exception {
        Socket.setSocketImplFactory(VmcSockets.factory());
        ServerSocket.setSocketFactory(VmcSockets.serverFactory());
        PlainSocketProgram.main(args);
    }
}
