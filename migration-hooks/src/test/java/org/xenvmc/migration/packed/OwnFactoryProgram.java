package org.xenvmc.migration.packed;

import java.net.Socket;

/** A client that installs a socket factory of its own, as it always did. */
final class OwnFactoryProgram {
    private OwnFactoryProgram() {}

    @SuppressWarnings("deprecation") // it is what such programs call
    public static void main(String[] args) throws Exception {
        if (args[0].equals("server")) {
            PlainSocketProgram.main(args);
            return;
        }
        Socket.setSocketImplFactory(ChannelSocketImpl::new);
        PlainSocketProgram.main(args);
        System.out.println("own implementations=" + ChannelSocketImpl.made);
    }
}
