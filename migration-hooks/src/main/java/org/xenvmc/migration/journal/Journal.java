package org.xenvmc.migration.journal;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.RollCycle;
import net.openhft.chronicle.queue.RollCycles;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import org.xenvmc.migration.json.JsonObject;

/**
 * Writes events. What {@link #append} has returned from survives the death of this process (not a power failure before the
 * kernel has written it). Several processes may write to the same journal. Bounded: the oldest files, of ten minutes each,
 * are deleted when all of them together exceed the limit. Thread-safe.
 */
public final class Journal implements AutoCloseable {
    /** Limit when none is given. */
    public static final long DEFAULT_MAX_BYTES = 256L << 20;

    /** Least limit: the file that is written to, and the one before. */
    public static final long MIN_MAX_BYTES = 8L << 20;

    static final RollCycle ROLL_CYCLE = RollCycles.TEN_MINUTELY;
    static final String SUFFIX = SingleChronicleQueue.SUFFIX;

    /** Touching a mapped file for which there is no space would be a SIGBUS: what the next append may need stays free. */
    private static final long RESERVED_BYTES = 4L * Queues.BLOCK_BYTES;

    private final Path directory;
    private final long maxBytes;
    private final Clock clock;
    private final FileStore store;
    private final ChronicleQueue queue;
    private final ExcerptAppender appender;
    private int files; // at the last look
    private boolean closed;

    private Journal(Path directory, long maxBytes, Clock clock, RollCycle rollCycle) throws IOException {
        this.directory = directory;
        this.maxBytes = maxBytes;
        this.clock = clock;
        this.store = Files.getFileStore(directory);
        checkSpace();
        queue = Queues.builder(directory, rollCycle).timeProvider(clock::millis).build();
        appender = queue.createAppender();
        appender.singleThreadedCheckDisabled(true); // append is synchronized
    }

    /**
     * Opens a journal for writing; makes its directory, for its owner only, when it is missing.
     *
     * @param maxBytes see {@link Journal}
     * @throws JournalException when that is impossible, or the disk is full
     */
    public static Journal open(Path directory, long maxBytes) throws JournalException {
        return open(directory, maxBytes, Clock.systemUTC(), ROLL_CYCLE);
    }

    static Journal open(Path directory, long maxBytes, Clock clock, RollCycle rollCycle) throws JournalException {
        if (maxBytes < MIN_MAX_BYTES) {
            throw new IllegalArgumentException("a journal of " + maxBytes + " bytes is less than " + MIN_MAX_BYTES);
        }
        try {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            return new Journal(directory, maxBytes, clock, rollCycle);
        } catch (JournalException e) {
            throw e;
        } catch (IOException | RuntimeException | LinkageError e) {
            throw new JournalException("the journal " + directory + " cannot be opened: " + e.getMessage(), e);
        }
    }

    /**
     * Writes an event with the present time.
     *
     * @throws JournalException when the disk is full, or writing failed; nothing was written
     */
    public synchronized void append(String kind, JsonObject data) throws JournalException {
        if (closed) {
            throw new JournalException("the journal " + directory + " is closed", null);
        }
        try {
            checkSpace();
            appender.writeText(
                    new JournalEvent(clock.instant(), kind, data).toJson().toString());
            forgetOldest();
        } catch (JournalException e) {
            throw e;
        } catch (IOException | RuntimeException | InternalError e) { // InternalError: a fault in a mapped file
            throw new JournalException("writing to the journal " + directory + " failed: " + e.getMessage(), e);
        }
    }

    private void checkSpace() throws IOException {
        long free = store.getUsableSpace();
        if (free < RESERVED_BYTES) {
            throw new JournalException(
                    "the disk is full: " + free + " bytes are left where the journal " + directory + " is, "
                            + RESERVED_BYTES + " have to be; nothing is written until there is space again",
                    null);
        }
    }

    private void forgetOldest() throws IOException {
        List<Path> all = files(directory);
        if (all.size() == files) {
            return; // sizes are looked at when a file was added
        }
        files = all.size();
        long bytes = 0;
        for (int i = all.size() - 1; i >= 0; i--) {
            bytes += allocatedBytes(all.get(i));
            if (bytes > maxBytes && i < all.size() - 1) {
                Files.deleteIfExists(all.get(i));
                files--;
            }
        }
        if (files < all.size()) {
            ((SingleChronicleQueue) queue).refreshDirectoryListing();
        }
    }

    /** Files of a journal, the oldest first; their names are their times. */
    static List<Path> files(Path directory) throws IOException {
        List<Path> all = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
            stream.forEach(all::add);
        }
        all.sort(Comparator.comparing(Path::getFileName));
        return all;
    }

    private static long allocatedBytes(Path file) throws IOException {
        return Files.size(file); // holes included: never too little
    }

    /** Closes it. Idempotent. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            appender.close();
            queue.close();
        }
    }
}
