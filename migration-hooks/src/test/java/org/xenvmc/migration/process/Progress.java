package org.xenvmc.migration.process;

import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A number in a file that both processes map: it survives a kill -9 of the one that counts. */
final class Progress {
    private final MappedByteBuffer map;

    Progress(Path file) throws IOException {
        try (FileChannel f =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            map = f.map(MapMode.READ_WRITE, 0, Long.BYTES);
        }
    }

    void set(long value) {
        map.putLong(0, value);
    }

    long get() {
        return map.getLong(0);
    }
}
