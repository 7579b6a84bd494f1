package org.xenvmc.migration.agent;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.xenvmc.migration.journal.JournalEvent;
import org.xenvmc.migration.journal.JournalException;
import org.xenvmc.migration.journal.JournalReader;
import org.xenvmc.migration.json.JsonObject;

/**
 * What the journal knows at its end.
 *
 * @param vms VMs that joined and did not leave, by UUID, as they were when they joined
 * @param epoch of the host; 0 when the journal does not say
 * @param stopped whether the last agent said good-bye
 */
record History(Map<String, JsonObject> vms, long epoch, boolean stopped) {
    /** Reads the journal through; nothing is known when there is none. */
    static History of(Path directory) throws IOException {
        Map<String, JsonObject> vms = new TreeMap<>();
        long epoch = 0;
        boolean stopped = true;
        try (JournalReader reader = JournalReader.open(directory)) {
            for (Optional<JournalEvent> e = reader.next(); e.isPresent(); e = reader.next()) {
                JsonObject data = e.get().data();
                switch (e.get().kind()) {
                    case Events.VM_JOINED -> vms.put(data.text("uuid"), data);
                    case Events.VM_LEFT -> vms.remove(data.text("uuid"));
                    case Events.EPOCH -> epoch = data.number("epoch");
                    case Events.AGENT_STARTED -> stopped = false;
                    case Events.AGENT_STOPPED -> stopped = true;
                    default -> {
                        // says nothing about who is there
                    }
                }
            }
        } catch (JournalException e) {
            return new History(Map.of(), 0, true); // the first agent here, or it is said when it is opened for writing
        }
        return new History(vms, epoch, stopped);
    }
}
