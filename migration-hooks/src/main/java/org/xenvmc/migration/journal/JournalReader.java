package org.xenvmc.migration.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.queue.RollCycle;

/** Reads a journal from its oldest event on, also while it is written, and changes nothing. For one thread. */
public final class JournalReader implements AutoCloseable {
    private final Path directory;
    private final ChronicleQueue queue;
    private final ExcerptTailer tailer;

    private JournalReader(Path directory, RollCycle rollCycle) {
        this.directory = directory;
        queue = Queues.builder(directory, rollCycle).readOnly(true).build();
        tailer = queue.createTailer().toStart();
    }

    /**
     * Opens a journal.
     *
     * @throws JournalException when there is none, or it cannot be read
     */
    public static JournalReader open(Path directory) throws JournalException {
        return open(directory, Journal.ROLL_CYCLE);
    }

    static JournalReader open(Path directory, RollCycle rollCycle) throws JournalException {
        try {
            if (!Files.isDirectory(directory) || Journal.files(directory).isEmpty()) {
                throw new JournalException(
                        "there is no journal in " + directory + ": no agent has written one; name another", null);
            }
            return new JournalReader(directory, rollCycle);
        } catch (JournalException e) {
            throw e;
        } catch (IOException | RuntimeException | LinkageError e) {
            throw new JournalException("the journal " + directory + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** The next event; empty when there is none yet: ask again later. */
    public Optional<JournalEvent> next() throws IOException {
        try {
            String text = tailer.readText();
            return text == null ? Optional.empty() : Optional.of(JournalEvent.parse(text));
        } catch (RuntimeException | InternalError e) {
            throw new JournalException("reading the journal " + directory + " failed: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        tailer.close();
        queue.close();
    }
}
