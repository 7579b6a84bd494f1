package org.xenvmc.migration.agent;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.shm.connection.ControlClient;
import org.xenvmc.shm.provider.HostListener;
import org.xenvmc.shm.provider.Member;
import org.xenvmc.transport.HostStatus.VmEntry;
import org.xenvmc.transport.ReasonCode;
import org.xenvmc.transport.VmcContext;

/**
 * Watches a host as a member that carries no connections (paper: VM State Publisher): writes to the journal who joins,
 * leaves and dies, and which connections switched; publishes the present state in a file. As a member it also reclaims
 * what the dead leave behind.
 */
final class HostWatch implements AutoCloseable {
    private static final Logger LOG = System.getLogger(HostWatch.class.getName());
    private static final Duration ANSWER_LIMIT = Duration.ofMillis(500);
    /** The place of an agent that was killed is free after a lease. */
    private static final Duration FULL_LIMIT = Duration.ofSeconds(30);

    private final JournalWriter journal;
    private final Path state;
    private final String host;
    private final VmcContext context;
    private final Map<UUID, SwitchLog> switches = new HashMap<>(); // of the thread that calls look
    private final Map<String, JsonObject> present = new TreeMap<>(); // guarded by this; by UUID
    private String published = ""; // guarded by this
    private long epoch; // guarded by this
    private volatile boolean lost;
    private ControlClient questions; // after the constructor: of the thread that calls look, and close after its end

    /**
     * Joins; makes the host when it is missing.
     *
     * @param state file for the present state
     * @param before what is known from the journal: VMs that are gone since are written down as such
     */
    HostWatch(VmcContext context, Path state, History before, JournalWriter journal) throws IOException {
        this.journal = journal;
        this.state = state;
        this.host = context.hostDirectory();
        this.context = context;
        this.epoch = before.epoch();
        present.putAll(before.vms());
        join();
    }

    private void join() throws IOException {
        lost = false;
        questions = ControlClient.open(context, new Listener(), FULL_LIMIT);
        noteEpoch(questions.epoch());
        catchUp();
        publish();
    }

    private synchronized void noteEpoch(long now) {
        if (epoch != now) {
            epoch = now;
            journal.write(Events.EPOCH, new JsonObject().put("epoch", now));
        }
    }

    /** Those who left while no agent looked. */
    private void catchUp() {
        List<String> here = questions.vms().stream().map(VmEntry::uuid).toList();
        synchronized (this) {
            for (String uuid : List.copyOf(present.keySet())) {
                if (!here.contains(uuid)) {
                    JsonObject gone = present.remove(uuid);
                    journal.write(Events.VM_LEFT, copy(gone).put("how", "while no agent was there"));
                }
            }
        }
    }

    private static JsonObject copy(JsonObject vm) {
        try {
            return JsonObject.parse(vm.toString());
        } catch (IOException e) {
            throw new IllegalStateException(e); // it was written by ourselves
        }
    }

    /** Asks every VM about its connections, and writes down what switched since the last look. */
    void look() {
        if (lost && !rejoined()) {
            return;
        }
        List<VmEntry> vms = questions.vms();
        switches.keySet()
                .retainAll(vms.stream().map(vm -> UUID.fromString(vm.uuid())).toList());
        for (VmEntry vm : vms) {
            try {
                JsonObject answer = JsonObject.parse(questions.call(vm.id().domId(), "stat", "", ANSWER_LIMIT));
                SwitchLog log = switches.computeIfAbsent(UUID.fromString(vm.uuid()), u -> new SwitchLog());
                for (JsonObject event : log.look(answer.objects("connections"))) {
                    journal.write(Events.SWITCH, event.put("uuid", vm.uuid()));
                }
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "VM {0} does not say what its connections do: {1}", vm.id(), e.getMessage());
            }
        }
        publish();
    }

    /** The region was filled with zeros, or this process stood still for so long that its place was given away. */
    private boolean rejoined() {
        questions.close();
        try {
            join();
            return true;
        } catch (IOException e) {
            lost = true;
            LOG.log(Level.DEBUG, "the host cannot be joined again: {0}", e.getMessage());
            return false;
        }
    }

    private synchronized void publish() {
        String now = new JsonObject()
                .put("host", host)
                .put("epoch", epoch)
                .put("vms", present.values())
                .toIndentedText();
        if (now.equals(published)) {
            return;
        }
        try {
            Path draft = state.resolveSibling(state.getFileName() + ".tmp");
            Files.writeString(draft, now);
            Files.move(draft, state, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            published = now;
        } catch (IOException e) {
            LOG.log(Level.WARNING, "the state cannot be published in " + state, e);
        }
    }

    @Override
    public void close() {
        questions.close();
    }

    private static JsonObject describe(Member vm) {
        return new JsonObject()
                .put("uuid", vm.uuid().toString())
                .put("domId", vm.id().domId())
                .put("pid", vm.pid())
                .put("network", vm.network())
                .put("addresses", vm.addresses());
    }

    private final class Listener implements HostListener {
        @Override
        public void joined(Member member) {
            if (member.tool()) {
                return;
            }
            JsonObject vm = describe(member);
            JsonObject before;
            synchronized (HostWatch.this) {
                before = present.put(member.uuid().toString(), vm);
            }
            if (before == null || !before.toString().equals(vm.toString())) {
                journal.write(Events.VM_JOINED, vm);
            }
        }

        @Override
        public void left(Member member, boolean died) {
            if (member.tool()) {
                return;
            }
            JsonObject vm;
            synchronized (HostWatch.this) {
                vm = present.remove(member.uuid().toString());
            }
            if (vm != null) {
                journal.write(Events.VM_LEFT, copy(vm).put("how", died ? "died" : "left"));
            }
        }

        @Override
        public void lost(ReasonCode why) {
            journal.write(Events.HOST_LOST, new JsonObject().put("reason", why.name()));
            lost = true;
        }

        @Override
        public void message(int type, ByteBuffer payload) {}

        @Override
        public void signalled(int connection) {}
    }
}
