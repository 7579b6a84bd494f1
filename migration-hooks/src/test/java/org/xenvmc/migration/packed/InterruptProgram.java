package org.xenvmc.migration.packed;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Interrupts threads that are blocked in sockets, and says what happened to them. */
final class InterruptProgram {
    private InterruptProgram() {}

    public static void main(String[] args) throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            for (boolean warm : new boolean[] {false, true}) {
                try (Socket client = new Socket(listener.getInetAddress(), listener.getLocalPort());
                        Socket server = listener.accept()) {
                    if (warm) {
                        exchange(client, server);
                    }
                    platform(client.getInputStream(), server, warm);
                    virtual(client, warm);
                }
            }
        }
    }

    /** Enough for an upgrade. */
    private static void exchange(Socket client, Socket server) throws IOException {
        for (int i = 0; i < 3000; i++) {
            client.getOutputStream().write(1);
            server.getInputStream().read();
            server.getOutputStream().write(1);
            client.getInputStream().read();
        }
    }

    private static void platform(InputStream in, Socket server, boolean warm) throws Exception {
        FutureTask<String> read =
                new FutureTask<>(() -> in.read() + " " + Thread.currentThread().isInterrupted());
        Thread reader = new Thread(read);
        reader.start();
        awaitBlocked(reader);
        reader.interrupt();
        awaitBlocked(reader);
        server.getOutputStream().write(65);
        System.out.println("platform " + warm + "=" + read.get(20, TimeUnit.SECONDS));
    }

    private static void awaitBlocked(Thread reader) {
        for (int seen = 0; seen < 20; LockSupport.parkNanos(2_000_000)) {
            boolean inside = false;
            for (StackTraceElement frame : reader.getStackTrace()) {
                inside |= frame.getMethodName().equals("read");
            }
            seen = inside ? seen + 1 : 0;
        }
    }

    private static void virtual(Socket client, boolean warm) throws Exception {
        FutureTask<String> read = new FutureTask<>(() -> {
            try {
                return "read " + client.getInputStream().read();
            } catch (IOException e) {
                return e + ", closed=" + client.isClosed();
            }
        });
        try {
            Thread reader = (Thread)
                    Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, read);
            awaitBlocked(reader);
            reader.interrupt();
            System.out.println("virtual " + warm + "=" + read.get(20, TimeUnit.SECONDS));
        } catch (NoSuchMethodException e) {
            System.out.println("virtual " + warm + "=none before JDK 21");
        }
    }
}
