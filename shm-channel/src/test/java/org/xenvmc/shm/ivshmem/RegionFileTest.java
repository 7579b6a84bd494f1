package org.xenvmc.shm.ivshmem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xenvmc.shm.ivshmem.FakeDevice.Recorder;
import org.xenvmc.shm.provider.HostProvider.Joining;
import org.xenvmc.shm.provider.ProviderException;
import org.xenvmc.transport.ReasonCode;
import org.xenvmc.transport.VmcContext;

/** The file behind the devices, as its owner sees it. */
class RegionFileTest {
    private static final int BYTES = 4 << 20;

    private final Recorder news = new Recorder();
    private Path directory;
    private Path file;

    @BeforeEach
    void make() throws IOException {
        Path shm = Path.of("/dev/shm");
        directory = Files.createDirectory((Files.isWritable(shm) ? shm : Path.of(System.getProperty("java.io.tmpdir")))
                .resolve("xv-test-" + UUID.randomUUID()));
        file = directory.resolve("region");
        System.setProperty(
                IvshmemHostProvider.LEASE_PROPERTY, "3000"); // a beat each 0.3 s, five of which are waited for
    }

    @AfterEach
    void remove() throws IOException {
        System.clearProperty(IvshmemHostProvider.LEASE_PROPERTY);
        for (Path p : names()) {
            Files.delete(p);
        }
        Files.delete(directory);
    }

    private List<Path> names() throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.toList();
        }
    }

    private IvshmemHostMembership join(RegionFile region) throws ProviderException {
        Joining joining = new Joining(UUID.randomUUID(), region.hostName(), false);
        return (IvshmemHostMembership) new IvshmemHostProvider().join(new VmcContext().conclude(), joining, news);
    }

    private void refuses(String why) throws IOException {
        List<Path> before = names();
        assertThatThrownBy(() -> RegionFile.open(file, BYTES, 2))
                .isInstanceOf(ProviderException.class)
                .hasMessageContaining(why);
        assertThat(names()).as("nothing half made").containsExactlyInAnyOrderElementsOf(before);
    }

    @Test
    void shouldMakeItForItsOwnerOnlyAllocatedAndWithAHeader() throws Exception {
        try (RegionFile region = RegionFile.open(file, BYTES, 3)) {
            assertThat(region.created()).isTrue();
            assertThat(region.places()).as("three guests and the owner").isEqualTo(4);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
            assertThat(file).hasSize(BYTES);
            assertThat(names()).containsExactly(file);
            IvshmemHostMembership member = join(region); // which checks that all of it is allocated
            assertThat(member.epoch()).isEqualTo(region.epoch()).isNotZero();
            member.leave();
            assertThat(region.giveUp()).isTrue();
            assertThat(names()).isEmpty();
        }
    }

    @Test
    void shouldBeTheSameHostInAnotherLifeWhenItIsSetUpAnew() throws Exception {
        RegionFile first = RegionFile.open(file, BYTES, 2);
        assertThat(first.giveUp()).isTrue();
        RegionFile second = RegionFile.open(file, BYTES, 2);
        assertThat(second.host()).isEqualTo(first.host());
        assertThat(second.epoch()).isNotEqualTo(first.epoch());
        assertThat(second.giveUp()).isTrue();
    }

    @Test
    void shouldTakeOverWhatADeadOwnerLeftWithWhoeverLivesInIt() throws Exception {
        RegionFile first = RegionFile.open(file, BYTES, 2);
        IvshmemHostMembership member = join(first);
        first.close(); // all that happens when a process is killed
        RegionFile second = RegionFile.open(file, BYTES, 5);
        assertThat(second.created()).isFalse();
        assertThat(second.epoch()).isEqualTo(first.epoch());
        assertThat(second.places()).isEqualTo(3);
        assertThat(second.giveUp()).as("somebody lives in it").isFalse();
        assertThat(file).exists();
        member.leave();
        assertThat(news.lost).isEmpty();
        assertThat(RegionFile.open(file, BYTES, 2).giveUp()).isTrue();
        assertThat(file).doesNotExist();
    }

    @Test
    void shouldRemoveItWhenOnlyTheDeadAreInIt() throws Exception {
        RegionFile region = RegionFile.open(file, BYTES, 2);
        try (FakeView view = new FakeView(region)) {
            assertThat(view.place(0).take(0, 4711)).isTrue();
        }
        assertThat(region.giveUp()).isTrue();
        assertThat(file).doesNotExist();
    }

    /** The region's places, as another process may change them. */
    private record FakeView(Region region) implements AutoCloseable {
        FakeView(RegionFile file) throws ProviderException {
            this(Region.ofFile(file.file()));
            Formatter.open(region, 0);
        }

        Place place(int number) {
            return new Place(region, number);
        }

        @Override
        public void close() {
            region.detach();
        }
    }

    @Test
    void shouldNotRemoveWhatIsNotItsOwnAnyMore() throws Exception {
        RegionFile region = RegionFile.open(file, BYTES, 2);
        Files.delete(file);
        Files.writeString(file, "somebody else's");
        region.giveUp();
        assertThat(file).hasContent("somebody else's");
    }

    @Test
    void shouldRefuseWhatAnotherOwns() throws Exception {
        try (RegionFile region = RegionFile.open(file, BYTES, 2)) {
            refuses("owned by another process");
            assertThat(region.giveUp()).isTrue();
        }
    }

    @Test
    void shouldRefuseALink() throws Exception {
        Path real = Files.createFile(directory.resolve("real"));
        Files.createSymbolicLink(file, real);
        refuses("symbolic link");
        assertThat(real).isEmptyFile();
    }

    @Test
    void shouldRefuseALinkThatLeadsNowhere() throws Exception {
        Files.createSymbolicLink(file, directory.resolve("nothing"));
        refuses("symbolic link");
    }

    @Test
    void shouldRefuseAFileThatOthersMayReadOrThatHasAnotherSizeOrNoHeader() throws Exception {
        Files.write(file, new byte[BYTES]);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        refuses("permissions 644");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        Files.write(file, new byte[2 * BYTES]);
        refuses("bytes instead of " + BYTES);
        byte[] garbage = new byte[BYTES];
        garbage[0] = 1;
        Files.write(file, garbage);
        refuses("which is no header");
    }

    @Test
    void shouldRefuseADirectoryThatIsNotThereAndSizesThatQemuRefuses() {
        Path nowhere = directory.resolve("nowhere/region");
        assertThatThrownBy(() -> RegionFile.open(nowhere, BYTES, 2))
                .isInstanceOf(ProviderException.class)
                .hasMessageContaining("directory does not exist");
        for (long bytes : new long[] {0, 4096, 3 << 20, 1L << 31, -1}) {
            assertThatThrownBy(() -> RegionFile.open(file, bytes, 2)).hasMessageContaining("power of two");
        }
    }

    @Test
    void shouldNotBeJoinedFromTheHostThroughAFileOfAnotherKind() throws Exception {
        Files.write(file, new byte[BYTES]);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        Joining joining = new Joining(UUID.randomUUID(), IvshmemHostProvider.hostName(file), true);
        assertThatThrownBy(() -> new IvshmemHostProvider().join(new VmcContext().conclude(), joining, news))
                .satisfies(e -> assertThat(((ProviderException) e).reason()).isEqualTo(ReasonCode.GRANT_FAILED))
                .hasMessageContaining("permissions 644");
    }

    /** What a guest sees whose device is unplugged here and plugged in again with a region of another host. */
    @Test
    void shouldShowAnotherEpochToAMappingThatWorksAgain() throws Exception {
        RegionFile region = RegionFile.open(file, BYTES, 2);
        IvshmemHostMembership member = join(region);
        Path other = directory.resolve("other");
        RegionFile there = RegionFile.open(other, BYTES, 2);
        try (FakeView here = new FakeView(region);
                FakeView second = new FakeView(there)) {
            here.region().buffer().put(0, second.region().buffer(), 0, BYTES);
        }
        await().untilAsserted(() -> assertThat(news.lost).containsExactly(ReasonCode.MEMORY_WITHDRAWN));
        member.leave();
        assertThat(there.giveUp()).isTrue();
        region.close();
    }
}
