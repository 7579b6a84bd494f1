package org.xenvmc.migration.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.Selector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xenvmc.migration.world.Background;
import org.xenvmc.migration.world.Io;
import org.xenvmc.migration.world.Pair;
import org.xenvmc.migration.world.StreamPattern;

class LargeTransferContractTest extends Contract {
    private static final int LARGE = 24 << 20;

    private final StreamPattern pattern = new StreamPattern(12);

    @TempDir
    Path folder;

    private Path patternFile(int bytes) throws Exception {
        Path file = folder.resolve("source");
        try (FileChannel f = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            Io.send(f, pattern, 0, bytes, 1 << 20);
        }
        return file;
    }

    @Test
    void shouldCarryAFileWhenTransferredFromAndTo() throws Exception {
        Pair p = pair();
        Path target = folder.resolve("target");
        try (FileChannel in = FileChannel.open(patternFile(LARGE));
                FileChannel out = FileChannel.open(target, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            Background<Void> sender = Background.run(() -> {
                for (long o = 0; o < LARGE; ) {
                    o += in.transferTo(o, LARGE - o, p.client());
                }
                p.client().shutdownOutput();
            });
            long o = 0;
            for (long n = 1; n > 0; o += n) {
                n = out.transferFrom(p.server(), o, LARGE + 1 - o);
            }
            assertThat(o).isEqualTo(LARGE);
            sender.result();
        }
        assertThat(Files.mismatch(folder.resolve("source"), target)).isEqualTo(-1);
    }

    @Test
    void shouldCarryAFileWhenTransferredToAChannelThatDoesNotBlock() throws Exception {
        int bytes = 4 << 20;
        Pair p = pair();
        p.client().configureBlocking(false);
        Background<Void> receiver = Background.run(() -> Io.receive(p.server(), pattern, 0, bytes, 50_000));
        try (FileChannel in = FileChannel.open(patternFile(bytes))) {
            for (long o = 0; o < bytes; ) {
                long n = in.transferTo(o, bytes - o, p.client());
                o += n;
                if (n == 0) {
                    Io.awaitReady(p.client(), java.nio.channels.SelectionKey.OP_WRITE);
                }
            }
        }
        receiver.result();
    }

    @Test
    void shouldCarryALongStreamWhenBlocking() throws Exception {
        Pair p = pair();
        Background<Void> sender = Background.run(() -> Io.send(p.server(), pattern, 0, LARGE, 65_536));
        Io.receive(p.client(), pattern, 0, LARGE, 65_536);
        sender.result();
    }

    @Test
    void shouldEchoLongStreamsWhenServedByASelector() throws Exception {
        int connections = 6;
        int bytes = 2 << 20;
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            pairs.add(pair());
        }
        Selector selector = world.selector(pairs.get(0).server());
        EchoLoop loop = new EchoLoop(selector);
        for (Pair p : pairs) {
            loop.add(p.server());
        }
        Background<Void> echo = Background.run(loop::run);
        List<Background<Void>> clients = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            Pair p = pairs.get(i);
            StreamPattern own = new StreamPattern(100 + i);
            int chunk = 1000 + 9973 * i;
            clients.add(Background.run(() -> {
                Io.send(p.client(), own, 0, bytes, chunk);
                p.client().shutdownOutput();
            }));
            clients.add(Background.run(() -> {
                Io.receive(p.client(), own, 0, bytes, 64_000);
                assertThat(p.client().read(ByteBuffer.allocate(1))).isEqualTo(-1);
            }));
        }
        for (Background<Void> c : clients) {
            c.result();
        }
        echo.result();
    }
}
