package org.xenvmc.migration.cost;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.xenvmc.migration.vm.Guest;
import org.xenvmc.migration.vm.VmHost;
import org.xenvmc.migration.vm.VmUnavailableException;

/** The soft-dirty meter under a real kernel that has it: that of a guest (Debian's), whatever this machine's has. */
@Tag("vm")
@Timeout(240)
class SoftDirtyGuestTest {
    private static final Duration LIMIT = Duration.ofSeconds(120);

    private static VmHost host() throws IOException {
        String path = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        List<String> wanted = List.of("transport-api", "shm-channel", "migration-hooks", "jna");
        List<Path> needed = Arrays.stream(path.split(File.pathSeparator))
                .map(Path::of)
                .filter(p -> wanted.stream().anyMatch(p.toString()::contains))
                .toList();
        try {
            return VmHost.open(needed);
        } catch (VmUnavailableException e) {
            return Assumptions.abort("real guests cannot be tried here: " + e.getMessage());
        }
    }

    @Test
    void shouldCountExactlyWhatWasWrittenWhereTheKernelHasSoftDirtyBits() throws Exception {
        try (VmHost host = host()) {
            Guest guest = host.start("meter", 1, null, SoftDirtyProgram.class.getName(), List.of());
            guest.awaitConsole(" END", LIMIT);
            String console = guest.console();
            String said = console.substring(console.indexOf("METER "), console.indexOf(" END"));
            assertThat(said)
                    .contains("works=true", "first={HEAP=10, REST=25}", "second={HEAP=0, REST=0}")
                    .containsAnyOf("found=soft-dirty", "found=PAGEMAP_SCAN");
        }
    }
}
