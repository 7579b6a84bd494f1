package org.xenvmc.bench.guest.inside;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** The sender's side of a connection to a mail server (RFC 5321). For one thread. */
final class SmtpConnection implements Closeable {
    private static final int REPLY_BYTES = 4096;
    private static final int CODE_LENGTH = 3;
    private static final int PIECE_BYTES = 32 * 1024;

    private final SocketChannel channel;
    private final ByteBuffer replies = ByteBuffer.allocate(REPLY_BYTES).position(REPLY_BYTES);

    /** Greets the server at the other end, and owns the channel from then on. */
    SmtpConnection(SocketChannel channel) throws IOException {
        this.channel = channel;
        boolean done = false;
        try {
            expect("220", "the connection");
            say("EHLO vm2", "250");
            done = true;
        } finally {
            if (!done) {
                channel.close();
            }
        }
    }

    /** Hands a mail over; returns once the server has taken the responsibility. */
    void send(ByteBuffer[] mail) throws IOException {
        say("MAIL FROM:<sender@vm2>", "250");
        say("RCPT TO:<user@vm1>", "250");
        say("DATA", "354");
        for (ByteBuffer part : mail) {
            write(part);
        }
        expect("250", "a mail");
    }

    /** In pieces, as programs do: a connection changes its path between two writes. */
    private void write(ByteBuffer data) throws IOException {
        int end = data.limit();
        while (data.position() < end) {
            data.limit(Math.min(end, data.position() + PIECE_BYTES));
            while (data.hasRemaining()) {
                channel.write(data);
            }
        }
    }

    private void say(String command, String expected) throws IOException {
        write(ByteBuffer.wrap((command + "\r\n").getBytes(StandardCharsets.US_ASCII)));
        expect(expected, command);
    }

    private void expect(String code, String what) throws IOException {
        String line = line();
        while (line.length() > CODE_LENGTH && line.charAt(CODE_LENGTH) == '-') {
            line = line();
        }
        if (!line.startsWith(code)) {
            throw new IOException("the mail server answered " + what + " with: " + line);
        }
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        while (true) {
            if (!replies.hasRemaining()) {
                replies.clear();
                if (channel.read(replies) < 0) {
                    throw new EOFException("the mail server has closed the connection");
                }
                replies.flip();
                continue;
            }
            char c = (char) replies.get();
            if (c == '\n') {
                return line.toString().trim();
            }
            line.append(c);
        }
    }

    @Override
    public void close() throws IOException {
        try (channel) {
            say("QUIT", "221");
        }
    }
}
