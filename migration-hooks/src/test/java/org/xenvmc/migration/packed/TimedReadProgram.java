package org.xenvmc.migration.packed;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;

/** Reads with a time limit, and everything that ends them; says what happened. */
final class TimedReadProgram {
    private static final int SHORT_MS = 30;
    private static final int LONG_MS = 60_000;
    private static final int ENDS = 100;
    private static final int CHUNKS = 300;
    private static final int CHUNK = 10_000;

    private final ServerSocket listener;

    private TimedReadProgram(ServerSocket listener) {
        this.listener = listener;
    }

    /** Ends a read in which another thread is, or is going to be. */
    private interface Ending {
        void apply(Socket reader, Socket writer, Thread inside) throws IOException;
    }

    public static void main(String[] args) throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            TimedReadProgram program = new TimedReadProgram(listener);
            program.timeOut();
            program.transfer();
            program.ends("byte", (r, w, t) -> w.getOutputStream().write(65));
            program.ends("close", (r, w, t) -> r.close());
            program.ends("shutdownInput", (r, w, t) -> r.shutdownInput());
            program.ends("end", (r, w, t) -> w.close());
            program.ends("shutdownOutput", (r, w, t) -> w.shutdownOutput());
            program.ends("reset", (r, w, t) -> {
                w.setSoLinger(true, 0);
                w.close();
            });
            program.ends("interrupt", (r, w, t) -> {
                t.interrupt();
                w.getOutputStream().write(66);
            });
        }
    }

    private Socket connect() throws IOException {
        return new Socket(listener.getInetAddress(), listener.getLocalPort());
    }

    /** The connection can be used afterwards. */
    private void timeOut() throws IOException {
        try (Socket reader = connect();
                Socket writer = listener.accept()) {
            reader.setSoTimeout(SHORT_MS);
            for (int i = 0; i < 3; i++) {
                long beginNs = System.nanoTime();
                String what = readOf(reader.getInputStream());
                boolean early = System.nanoTime() - beginNs < TimeUnit.MILLISECONDS.toNanos(SHORT_MS);
                writer.getOutputStream().write(i);
                System.out.println(
                        "time-out=" + what + ", early=" + early + ", then " + readOf(reader.getInputStream()));
            }
        }
    }

    private void transfer() throws Exception {
        try (Socket reader = connect();
                Socket writer = listener.accept()) {
            CRC32 sent = new CRC32();
            Thread writing = new Thread(() -> write(writer, sent));
            writing.start();
            reader.setSoTimeout(LONG_MS);
            CRC32 got = new CRC32();
            long bytes = readAll(reader.getInputStream(), got);
            writing.join();
            System.out.println("transfer=" + bytes + ", equal=" + (sent.getValue() == got.getValue()));
        }
    }

    private static void write(Socket socket, CRC32 sum) {
        byte[] chunk = new byte[CHUNK];
        try {
            for (int i = 0; i < CHUNKS; i++) {
                Arrays.fill(chunk, (byte) (i * 31));
                sum.update(chunk);
                socket.getOutputStream().write(chunk);
            }
            socket.shutdownOutput();
        } catch (IOException e) {
            System.out.println("write failed: " + e);
        }
    }

    private static long readAll(InputStream in, CRC32 sum) throws IOException {
        byte[] buffer = new byte[CHUNK];
        long bytes = 0;
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            sum.update(buffer, 0, n);
            bytes += n;
        }
        return bytes;
    }

    /** Many times: the end may come before the read, in the middle of its beginning, or when it waits. */
    private void ends(String name, Ending ending) throws Exception {
        Set<String> seen = new TreeSet<>();
        for (int i = 0; i < ENDS; i++) {
            seen.add(end(ending));
        }
        System.out.println(name + "=" + seen);
    }

    private String end(Ending ending) throws Exception {
        try (Socket reader = connect();
                Socket writer = listener.accept()) {
            reader.setSoTimeout(LONG_MS);
            InputStream in = reader.getInputStream();
            FutureTask<String> read = new FutureTask<>(
                    () -> readOf(in) + ", interrupted=" + Thread.currentThread().isInterrupted());
            Thread thread = new Thread(read, "timed-reader");
            thread.start();
            ending.apply(reader, writer, thread);
            return read.get(LONG_MS / 2, TimeUnit.MILLISECONDS);
        }
    }

    private static String readOf(InputStream in) {
        try {
            return "read " + in.read();
        } catch (IOException e) {
            return e.toString();
        }
    }
}
