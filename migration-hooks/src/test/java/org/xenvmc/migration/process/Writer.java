package org.xenvmc.migration.process;

import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Random;
import org.xenvmc.migration.world.StreamPattern;
import org.xenvmc.migration.world.TestSeed;

/** Writes the pattern without end, and counts what each write that returned has accepted. */
final class Writer implements VmProcess.Service {
    private static final int MAX_WRITE_BYTES = 150_000;

    private final long seed;
    private final Progress progress;

    Writer(long seed, Path progressFile) throws IOException {
        this.seed = seed;
        this.progress = new Progress(progressFile);
    }

    @Override
    public void run(SelectableChannel channel) throws IOException {
        SocketChannel out = (SocketChannel) channel;
        StreamPattern pattern = new StreamPattern(seed);
        Random random = new Random(seed);
        for (long offset = 0; ; progress.set(offset)) {
            offset += out.write(pattern.bytes(offset, TestSeed.skewedLength(random, MAX_WRITE_BYTES)));
        }
    }
}
