package org.xenvmc.bench.guest.inside;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The mail server and its clients of the guests, here without guests. */
class MailTest {
    private static final String HERE = "127.0.0.1";
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private int port;

    @BeforeEach
    void choosePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
    }

    @ParameterizedTest
    @EnumSource(Sockets.class)
    void shouldCountEachMailOnceWhenUsersSendAtTheSameTime(Sockets sockets) throws IOException {
        MailServer server = new MailServer(sockets, port, new Mailbox(1 << 20));
        MailSenders senders = new MailSenders(sockets, HERE, port, 4, 100_000);
        senders.start();
        await().atMost(LIMIT).until(() -> senders.status().number("running") == 0);
        assertThat(senders.status().text("failure")).isEmpty();
        assertThat(senders.status().number("sent")).isEqualTo(16);
        assertThat(server.status().number("mails")).isEqualTo(16);
        assertThat(server.status().number("twice")).isZero();
        assertThat(server.status().text("broken")).isEmpty();
        assertThat(server.status().number("bytes")).isGreaterThan(16 * 130_000L);
    }

    @Test
    void shouldRefuseAMailWhenItIsNotWhatItsHeaderPromises() throws IOException {
        MailServer server = new MailServer(Sockets.PLAIN, port, new Mailbox(0));
        try (SmtpConnection smtp = new SmtpConnection(Sockets.PLAIN.connect(HERE, port))) {
            ByteBuffer[] mail = new Mail(1000).text(7);
            mail[2] = ByteBuffer.wrap(mail[2].array().clone());
            mail[2].put(500, (byte) (mail[2].get(500) ^ 1));
            assertThatThrownBy(() -> smtp.send(mail)).hasMessageContaining("554");
            assertThat(server.status().text("broken")).contains("mail 7");
        }
        try (SmtpConnection smtp = new SmtpConnection(Sockets.PLAIN.connect(HERE, port))) {
            smtp.send(new Mail(1000).text(8));
            smtp.send(new Mail(1000).text(8));
        }
        assertThat(server.status().number("mails")).isEqualTo(1);
        assertThat(server.status().number("twice")).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(Sockets.class)
    void shouldCompareTheStreamWhenItIsCopiedOrLookedAt(Sockets sockets) throws IOException {
        for (boolean inPlace : new boolean[] {false, true}) {
            ServerSocketChannel listener = sockets.listen(0);
            int chosen = ((InetSocketAddress) listener.getLocalAddress()).getPort();
            DataReceiver receiver = new DataReceiver(listener, new Mailbox(64 * Block.BYTES), inPlace);
            DataSender sender = new DataSender(sockets.connect(HERE, chosen), 50_000_000, Long.MAX_VALUE);
            await().atMost(LIMIT).until(() -> receiver.status().number("bytes") > 3_000_000);
            sender.stop();
            await().atMost(LIMIT)
                    .until(() ->
                            receiver.status().number("bytes") == sender.status().number("bytes"));
            assertThat(receiver.status().text("failure")).isEmpty();
            assertThat(sender.status().text("failure")).isEmpty();
        }
    }
}
