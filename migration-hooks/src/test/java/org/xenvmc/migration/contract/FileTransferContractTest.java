package org.xenvmc.migration.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xenvmc.migration.world.Background;
import org.xenvmc.migration.world.Io;
import org.xenvmc.migration.world.Pair;
import org.xenvmc.migration.world.TestSeed;

/** {@link FileChannel#transferTo} and {@link FileChannel#transferFrom} with a socket channel; compared by checksum. */
class FileTransferContractTest extends Contract {
    private static final int LENGTH = (6 << 20) + 12_345;

    @TempDir
    Path directory;

    private Path source;
    private Path target;
    private String checksum;

    @BeforeEach
    void writeSource() throws Exception {
        byte[] content = new byte[LENGTH];
        new Random(TestSeed.next("file transfer")).nextBytes(content);
        source = Files.write(directory.resolve("source"), content);
        target = directory.resolve("target");
        checksum = checksum(source);
    }

    private static String checksum(Path file) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    }

    private FileChannel open() throws Exception {
        return FileChannel.open(source);
    }

    private FileChannel create() throws Exception {
        return FileChannel.open(target, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.READ);
    }

    /** Sends the file; a channel that does not block takes what it has room for. */
    private Void send(SocketChannel to) throws Exception {
        try (FileChannel file = open()) {
            long sent = 0;
            while (sent < LENGTH) {
                long n = file.transferTo(sent, LENGTH - sent, to);
                assertThat(n).isNotNegative();
                sent += n;
                if (n == 0) {
                    Io.awaitReady(to, SelectionKey.OP_WRITE);
                }
            }
            assertThat(file.position()).isZero();
            return null;
        }
    }

    /** Takes the file; a channel that does not block gives what it has. */
    private Void receive(SocketChannel from) throws Exception {
        try (FileChannel file = create()) {
            long received = 0;
            while (received < LENGTH) {
                long n = file.transferFrom(from, received, LENGTH - received);
                assertThat(n).isNotNegative();
                received += n;
                if (n == 0) {
                    assertThat(from.isBlocking()).isFalse();
                    Io.awaitReady(from, SelectionKey.OP_READ);
                }
            }
            return null;
        }
    }

    private void transfer(SocketChannel from, SocketChannel to) throws Exception {
        Files.deleteIfExists(target);
        Background<Void> sender = Background.start(() -> send(from));
        receive(to);
        sender.result();
        assertThat(checksum(target)).isEqualTo(checksum);
    }

    @Test
    void shouldCarryAFileBothWaysWhenBlocking() throws Exception {
        Pair p = pair();
        transfer(p.client(), p.server());
        transfer(p.server(), p.client());
    }

    @Test
    void shouldCarryAFileBothWaysWhenNotBlocking() throws Exception {
        Pair p = pair().blocking(false);
        transfer(p.client(), p.server());
        transfer(p.server(), p.client());
    }

    @Test
    void shouldTransferWhatTheChannelHasRoomForWhenNobodyReads() throws Exception {
        Pair p = pair();
        p.client().configureBlocking(false);
        try (FileChannel file = open()) {
            long sent = 0;
            long n;
            do {
                n = file.transferTo(sent, LENGTH - sent, p.client());
                sent += n;
            } while (n > 0);
            ByteBuffer expected = ByteBuffer.allocate((int) sent);
            ByteBuffer received = ByteBuffer.allocate((int) sent);
            file.read(expected, 0);
            Io.readFully(p.server(), received);
            assertThat(received.flip()).isEqualTo(expected.flip());
        }
    }

    @Test
    void shouldTransferUpToTheEndWhenThePeerEnds() throws Exception {
        Pair p = pair();
        Io.write(p.client(), "the end");
        p.client().shutdownOutput();
        try (FileChannel file = create()) {
            long received = 0;
            long n;
            while ((n = file.transferFrom(p.server(), received, 1000)) > 0) {
                received += n;
            }
            assertThat(received).isEqualTo(7);
        }
        assertThat(Files.readString(target)).isEqualTo("the end");
    }
}
