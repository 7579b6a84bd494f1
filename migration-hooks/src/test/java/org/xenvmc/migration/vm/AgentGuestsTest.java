package org.xenvmc.migration.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xenvmc.migration.vm.VmScene.LIMIT;
import static org.xenvmc.migration.vm.VmScene.MAIN;
import static org.xenvmc.migration.vm.VmScene.OPTIONS;
import static org.xenvmc.migration.vm.VmScene.RATE;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.migration.qmp.SharedDevice;

/**
 * Two real guests in a region that a running agent owns. One is migrated by {@code ./xenvmc migrate --qmp}, the other killed,
 * and replaced by one that boots anew; the agent's journal tells all of it.
 */
@Tag("vm")
@Tag("journal") // in a JVM with the flags that the journal needs
@EnabledIfSystemProperty(named = "xenvmc.test.long", matches = "true")
@Timeout(300)
class AgentGuestsTest {
    private static final int REGION_MIB = 16;
    /** Besides the agent: whoever comes next needs the place of the one that was killed. */
    private static final int VMS = 2;

    private static final String SECOND = "10.9.0.2";

    @TempDir
    private Path dir;

    private Path journal;
    private Path region;
    private VmHost host;
    private AgentProcess agent;

    @BeforeEach
    void start() throws IOException {
        host = VmScene.openHost();
        journal = dir.resolve("journal");
        Path shm = Path.of("/dev/shm");
        region = (Files.isWritable(shm) ? shm : dir).resolve("xenvmc-region-" + UUID.randomUUID());
        agent = AgentProcess.own(region, REGION_MIB + "m", VMS, journal);
    }

    @AfterEach
    void end() throws IOException {
        if (host != null) {
            host.close();
        }
        if (agent != null) {
            agent.close();
        }
        if (region != null) {
            Files.deleteIfExists(region);
        }
    }

    private Guest boot(String name, int number) throws IOException {
        return host.start(name, number, region, MAIN, OPTIONS);
    }

    private static void connect(Guest from, Guest to) throws IOException {
        to.ask("accept 9000 77 " + RATE);
        from.ask("connect " + SECOND + " 9000 77 " + RATE);
        awaitShared(from);
        awaitShared(to);
    }

    private static void awaitShared(Guest guest) throws IOException {
        GuestTraffic.await(guest, "shared memory", LIMIT, GuestTraffic::shared);
    }

    /** The command has the monitors for itself. */
    private Guest migrate(Guest guest) throws Exception {
        String uri = "unix:" + host.folder().resolve("migration");
        Guest there = host.successor(guest, "there", uri);
        guest.machine().close();
        there.machine().close();
        SharedDevice d = guest.device();
        AgentProcess.run(List.of(
                "migrate",
                "--qmp=" + host.folder().resolve(guest.name() + ".qmp"),
                "--to=" + uri,
                "--control=" + guest.control(),
                "--to-qmp=" + host.folder().resolve(there.name() + ".qmp"),
                "--to-control=" + there.control(),
                "--order=early",
                "--region=" + d.region(),
                "--region-mb=" + REGION_MIB,
                "--device=" + d.id(),
                "--memory=" + d.memory(),
                "--bus=" + d.bus(),
                "--limit-ms=20000",
                "--journal=" + journal));
        guest.close();
        return there;
    }

    private List<String> events(String kind, String member) throws Exception {
        List<String> found = new ArrayList<>();
        for (JsonObject event : AgentProcess.events(journal, kind)) {
            found.add(event.text(member));
        }
        return found;
    }

    @Test
    void shouldShareTheAgentsRegionAndTellWhatHappenedInIt() throws Exception {
        Guest dies = boot("dies", 2);
        Guest moves = boot("moves", 1);
        dies.awaitConsole("GUEST-UP", LIMIT);
        moves.awaitConsole("GUEST-UP", LIMIT);
        connect(moves, dies);

        moves = migrate(moves);
        awaitShared(moves);
        awaitShared(dies);

        dies.kill();
        Guest next = boot("next", 2);
        assertThat(VmScene.awaitFailure(moves))
                .as("the next one's TCP, or the end of the lease, whatever comes first")
                .containsAnyOf("Connection reset", "Broken pipe", "ConnectionLostException");
        next.awaitConsole("GUEST-UP", LIMIT);
        connect(moves, next);
        moves.ask("stop");
        next.ask("stop");
        long sent = GuestTraffic.await(moves, "end", LIMIT, GuestTraffic::ended).sent();
        assertThat(GuestTraffic.await(next, "end", LIMIT, GuestTraffic::ended).received())
                .isEqualTo(sent)
                .isPositive();

        assertThat(events("vm-joined", "uuid"))
                .as("two, one again, and one more")
                .hasSize(4);
        assertThat(events("vm-left", "how")).containsExactly("left", "died");
        assertThat(events("switch", "to")).contains("SHARED_MEMORY", "FRAMED_TCP");
        JsonObject migration = AgentProcess.events(journal, "migration").get(0);
        assertThat(migration.text("outcome")).isEqualTo("COMPLETED");
        assertThat(migration.number("moved")).isOne();
        host.close();
        agent.close();
        assertThat(region).doesNotExist();
        assertThat(events("region", "how")).containsExactly("created", "removed");
    }
}
