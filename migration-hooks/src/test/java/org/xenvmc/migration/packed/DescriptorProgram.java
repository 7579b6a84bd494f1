package org.xenvmc.migration.packed;

import java.io.FileDescriptor;
import java.lang.reflect.Field;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketImpl;

/** Looks at the descriptors that {@code SocketImpl} has for its subclasses, as some tools do. */
final class DescriptorProgram {
    private DescriptorProgram() {}

    public static void main(String[] args) throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                Socket client = new Socket(listener.getInetAddress(), listener.getLocalPort());
                Socket accepted = listener.accept()) {
            System.out.println("listening=" + isValid(ServerSocket.class, listener));
            System.out.println("connected=" + isValid(Socket.class, client));
            System.out.println("accepted=" + isValid(Socket.class, accepted));
        }
    }

    private static boolean isValid(Class<?> type, Object socket) throws ReflectiveOperationException {
        Object impl = open(type.getDeclaredField("impl")).get(socket);
        try {
            impl = open(impl.getClass().getSuperclass().getDeclaredField("delegate"))
                    .get(impl);
        } catch (NoSuchFieldException e) {
            // it is the implementation itself
        }
        return ((FileDescriptor) open(SocketImpl.class.getDeclaredField("fd")).get(impl)).valid();
    }

    private static Field open(Field field) {
        field.setAccessible(true);
        return field;
    }
}
