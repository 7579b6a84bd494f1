package org.xenvmc.migration.mixed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.world.HostDirectory;
import org.xenvmc.migration.world.Vm;
import org.xenvmc.transport.ReasonCode;

/** Hosts that cannot be used: everything works over TCP, and says why. */
class UnusableHostTest extends Mixed {
    private static final int VERSION_OFFSET = 8;
    private static final boolean ROOT = "root".equals(System.getProperty("user.name"));

    private SmallDisk disk;

    private SmallDisk mount(String size, String mode) throws Exception {
        disk = SmallDisk.mount(host.path(), size, mode);
        return disk;
    }

    /** After the VMs were closed. */
    @Override
    void removeHost() throws Exception {
        if (disk != null) {
            disk.unmount();
        }
        super.removeHost();
    }

    private void assertTcpBecause(ReasonCode reason) throws Exception {
        Vm client = vm();
        Vm server = vm();
        MixedPair pair = connect(client, server);
        pair.assertWorks();
        pair.awaitReason(client, pair.client(), reason);
        pair.awaitReason(server, pair.server(), reason);
        assertThat(client.engine().hostStatus().joined()).isFalse();
        assertThat(client.engine().hostStatus().reason()).isEqualTo(reason);
    }

    @Test
    void shouldUseTcpWhenTheHostIsALink() throws Exception {
        try (HostDirectory target = HostDirectory.create()) {
            Files.createDirectory(
                    target.path(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            Files.createSymbolicLink(host.path(), target.path());
            try {
                assertTcpBecause(ReasonCode.HOST_DIRECTORY_UNUSABLE);
                assertThat(target.files()).isEmpty();
            } finally {
                Files.delete(host.path());
            }
        }
    }

    @Test
    void shouldUseTcpWhenTheHostIsAFile() throws Exception {
        Files.createFile(host.path());
        try {
            assertTcpBecause(ReasonCode.HOST_DIRECTORY_UNUSABLE);
        } finally {
            Files.delete(host.path());
        }
    }

    @Test
    void shouldUseTcpWhenOthersMayWriteIntoTheHost() throws Exception {
        Files.createDirectory(host.path());
        Files.setPosixFilePermissions(host.path(), PosixFilePermissions.fromString("rwxrwxrwx"));
        assertTcpBecause(ReasonCode.HOST_DIRECTORY_UNUSABLE);
    }

    @Test
    void shouldUseTcpWhenTheHostBelongsToSomebodyElse() throws Exception {
        assumeTrue(ROOT, "only root can give a directory away");
        Files.createDirectory(
                host.path(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.setAttribute(host.path(), "unix:uid", 65534);
        assertTcpBecause(ReasonCode.HOST_DIRECTORY_UNUSABLE);
    }

    @Test
    void shouldUseTcpWhenTheHostCannotBeWritten() throws Exception {
        assumeTrue(ROOT, "only root can mount");
        mount("64k", "ro");
        assertTcpBecause(ReasonCode.HOST_DIRECTORY_UNUSABLE);
    }

    @Test
    void shouldUseTcpWhenTheHostHasAnotherLayout() throws Exception {
        try (Vm first = Vm.on(host)) {
            first.engine().joinHost(host.name());
            assertThat(first.engine().hostStatus().joined()).isTrue();
        }
        changeVersion(host.path().resolve("host"));
        assertTcpBecause(ReasonCode.VERSION_MISMATCH);
    }

    private static void changeVersion(Path file) throws IOException {
        try (FileChannel f = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer version = ByteBuffer.allocate(1);
            f.read(version, VERSION_OFFSET);
            version.put(0, (byte) (version.get(0) + 1)).rewind();
            f.write(version, VERSION_OFFSET);
        }
    }

    @Test
    void shouldUseTcpWhenTheDiskIsFullAtJoin() throws Exception {
        assumeTrue(ROOT, "only root can mount");
        mount("8k", "rw");
        assertTcpBecause(ReasonCode.NO_SPACE);
    }

    @Test
    void shouldUseTcpWhenThereIsNoSpaceForRings() throws Exception {
        assumeTrue(ROOT, "only root can mount");
        SmallDisk disk = mount("64m", "rw");
        Vm client = vm();
        Vm server = vm();
        client.engine().joinHost(host.name());
        server.engine().joinHost(host.name());
        disk.fill();
        MixedPair pair = connect(client, server);
        pair.assertWorks();
        // whoever was asked for memory first says what is wrong, and the other that its peer has none
        pair.awaitReason(server, pair.server(), ReasonCode.NO_SPACE);
        pair.awaitReason(client, pair.client(), ReasonCode.PEER_WITHOUT_MEMORY);
        disk.free();
    }
}
