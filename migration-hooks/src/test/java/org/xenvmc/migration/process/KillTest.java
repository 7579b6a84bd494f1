package org.xenvmc.migration.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.xenvmc.migration.world.Background;
import org.xenvmc.migration.world.Io;
import org.xenvmc.migration.world.StreamPattern;
import org.xenvmc.migration.world.TestSeed;

/**
 * kill -9 of one side at a random moment. As with TCP: what a write had accepted arrives, in order, and then the stream ends
 * or is reset; a survivor that waits is woken; nothing of the dead stays behind; the next connection works.
 */
@Timeout(120)
class KillTest {
    private static final int ROUNDS = 4;
    private static final long MAX_BEFORE_KILL_BYTES = 8 << 20;
    private static final int READ_BYTES = 30_000;

    @TempDir
    Path folder;

    /** Reads the pattern to the end, however it comes, and kills the writer at some point. Returns the bytes read. */
    private static long readToTheEnd(SocketChannel in, StreamPattern pattern, long killAt, KillScene scene)
            throws Exception {
        ByteBuffer b = ByteBuffer.allocate(READ_BYTES);
        long offset = 0;
        try {
            for (int n = in.read(b); n >= 0; n = in.read(b.clear())) {
                pattern.verify(b.flip(), offset);
                offset += n;
                if (offset >= killAt) {
                    scene.killOnce();
                }
            }
        } catch (SocketException e) {
            assertThat(e).isExactlyInstanceOf(SocketException.class).hasMessage("Connection reset");
        }
        return offset;
    }

    @Tag("once")
    @RepeatedTest(ROUNDS)
    void shouldDeliverWhatWasWrittenWhenTheWriterIsKilled() throws Exception {
        long seed = TestSeed.next("kill the writer");
        long killAt = new Random(seed).nextLong(MAX_BEFORE_KILL_BYTES);
        try (KillScene scene = new KillScene(seed)) {
            Path file = folder.resolve("progress");
            Progress progress = new Progress(file);
            SocketChannel in = scene.acceptFromVictim("write", seed + " " + file);
            long read = readToTheEnd(in, new StreamPattern(seed), killAt, scene);
            assertThat(read).as("bytes read, of those accepted").isGreaterThanOrEqualTo(progress.get());
            in.close();
            scene.assertCleanAndUsable();
        }
    }

    @Tag("once")
    @RepeatedTest(ROUNDS)
    void shouldDeliverWhatWasWrittenWhenTheWriterIsKilledAndTheReaderWasNotReading() throws Exception {
        long seed = TestSeed.next("kill the blocked writer");
        try (KillScene scene = new KillScene(seed)) {
            Path file = folder.resolve("progress");
            Progress progress = new Progress(file);
            SocketChannel in = scene.acceptFromVictim("write", seed + " " + file);
            scene.awaitNoProgress(progress);
            scene.killOnce();
            long read = readToTheEnd(in, new StreamPattern(seed), Long.MAX_VALUE, scene);
            assertThat(read).as("bytes read, of those accepted").isGreaterThanOrEqualTo(progress.get());
            in.close();
            scene.assertCleanAndUsable();
        }
    }

    @Tag("once")
    @RepeatedTest(ROUNDS)
    void shouldDeliverWhatWasWrittenWhenTheWriterIsKilledInTheMiddleOfMoves() throws Exception {
        long seed = TestSeed.next("kill the moving writer");
        long killAt = new Random(seed).nextLong(MAX_BEFORE_KILL_BYTES);
        try (KillScene scene = new KillScene(seed)) {
            Path file = folder.resolve("progress");
            Progress progress = new Progress(file);
            SocketChannel in = scene.acceptFromVictim("write", seed + " " + file);
            scene.startMoving();
            long read = readToTheEnd(in, new StreamPattern(seed), killAt, scene);
            scene.stopMoving();
            assertThat(read).as("bytes read, of those accepted").isGreaterThanOrEqualTo(progress.get());
            in.close();
            scene.assertCleanAndUsable();
        }
    }

    @Tag("once")
    @RepeatedTest(ROUNDS)
    void shouldBreakThePipeWhenTheReaderIsKilled() throws Exception {
        long seed = TestSeed.next("kill the reader");
        long killAt = new Random(seed).nextLong(MAX_BEFORE_KILL_BYTES);
        StreamPattern pattern = new StreamPattern(seed);
        try (KillScene scene = new KillScene(seed)) {
            SocketChannel out = scene.acceptFromVictim("read", Long.toString(seed));
            Background<Long> writer = Background.start(() -> {
                for (long o = 0; ; o += 20_000) {
                    out.write(pattern.bytes(o, 20_000));
                    if (o >= killAt) {
                        scene.killOnce();
                    }
                }
            });
            assertThat(writer.failure())
                    .isInstanceOf(IOException.class)
                    .hasMessageMatching("Broken pipe|Connection reset( by peer)?");
            out.close();
            scene.assertCleanAndUsable();
        }
    }

    @Test
    void shouldWakeABlockedReaderWhenAnIdlePeerIsKilled() throws Exception {
        long seed = TestSeed.next("kill an idle peer");
        try (KillScene scene = new KillScene(seed)) {
            SocketChannel in = scene.acceptFromVictim("read", Long.toString(seed));
            scene.settleByWriting(in, new StreamPattern(seed));
            Background<Integer> reader = Background.start(() -> Io.readSome(in)).insideOf("read");
            scene.killOnce();
            assertThat(reader.result()).isEqualTo(-1);
            in.close();
            scene.assertCleanAndUsable();
        }
    }

    @Test
    void shouldWakeABlockedWriterWhenAStoppedReaderIsKilled() throws Exception {
        long seed = TestSeed.next("kill a stopped reader");
        try (KillScene scene = new KillScene(seed)) {
            SocketChannel out = scene.acceptFromVictim("read", Long.toString(seed));
            scene.settleByWriting(out, new StreamPattern(seed));
            scene.stopVictim();
            Background<Integer> writer = Background.start(() -> out.write(ByteBuffer.allocate(64 << 20)))
                    .insideOf("write");
            scene.killOnce();
            assertThat(writer.result()).isPositive().isLessThan(64 << 20);
            out.close();
            scene.assertCleanAndUsable();
        }
    }

    @Test
    void shouldWakeASelectorWhenAnIdlePeerIsKilled() throws Exception {
        long seed = TestSeed.next("kill an idle peer, selector");
        try (KillScene scene = new KillScene(seed)) {
            SocketChannel in = scene.acceptFromVictim("read", Long.toString(seed));
            scene.settleByWriting(in, new StreamPattern(seed));
            in.configureBlocking(false);
            try (Selector selector = in.provider().openSelector()) {
                SelectionKey key = in.register(selector, SelectionKey.OP_READ);
                Background<Integer> selecting =
                        Background.start(() -> selector.select()).insideOf("select");
                scene.killOnce();
                assertThat(selecting.result()).isEqualTo(1);
                assertThat(key.isReadable()).isTrue();
                assertThat(Io.readSome(in)).isEqualTo(-1);
                in.close();
            }
            scene.assertCleanAndUsable();
        }
    }

    @Test
    void shouldReclaimEverythingWhenAllVmsOfAHostWereKilled() throws Exception {
        long seed = TestSeed.next("kill both");
        try (KillScene scene = new KillScene(seed)) {
            scene.killTwoThatTalk();
            scene.assertCleanAndUsable();
        }
    }
}
