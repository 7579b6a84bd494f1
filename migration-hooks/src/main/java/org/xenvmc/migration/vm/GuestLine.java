package org.xenvmc.migration.vm;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The host's end of the port of the program in a guest: a line there, a line back. For one thread at a time. */
final class GuestLine implements AutoCloseable {
    private final SocketChannel channel;
    private final LinkedBlockingQueue<Object> answers = new LinkedBlockingQueue<>(); // lines, at last an exception

    private GuestLine(SocketChannel channel) {
        this.channel = channel;
    }

    static GuestLine connect(Path socket) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        boolean done = false;
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
            GuestLine line = new GuestLine(channel);
            Thread reader = new Thread(line::read, "xenvmc-guest-" + socket.getFileName());
            reader.setDaemon(true);
            reader.start();
            done = true;
            return line;
        } finally {
            if (!done) {
                channel.close();
            }
        }
    }

    private void read() {
        IOException end = new EOFException("its QEMU has closed the line");
        try {
            BufferedReader in = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                answers.add(line);
            }
        } catch (IOException e) {
            end = e;
        }
        answers.add(end);
    }

    /** Asks, and waits at most this long for the answer. */
    String ask(String question, Duration limit) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap((question + "\n").getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        Object answer;
        try {
            answer = answers.poll(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for the answer to '" + question + "'");
        }
        if (answer == null) {
            throw new IOException("no answer to '" + question + "' within " + limit.toSeconds() + " s");
        }
        if (answer instanceof IOException e) {
            answers.add(e); // for who asks next
            throw e;
        }
        return (String) answer;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
