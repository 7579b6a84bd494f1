package org.xenvmc.shm.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xenvmc.shm.provider.HostProvider.Joining;
import org.xenvmc.shm.provider.ProviderException;
import org.xenvmc.transport.ReasonCode;
import org.xenvmc.transport.VmcContext;

/** Directories that are refused, and why. */
class UnusableHostTest {
    private Path base;
    private Path directory;

    @BeforeEach
    void open() throws IOException {
        base = Files.createTempDirectory("xv-test-");
        directory = base.resolve("host");
    }

    @AfterEach
    void close() throws IOException {
        TestHost.delete(base);
    }

    private static void assertRefused(String path, ReasonCode reason, String... words) {
        Joining joining = new Joining(UUID.randomUUID(), path, false);
        assertThatExceptionOfType(ProviderException.class)
                .isThrownBy(() -> new FileHostProvider()
                        .join(new VmcContext().conclude(), joining, new RecordingListener())
                        .leave())
                .satisfies(e -> assertThat(e.reason()).isEqualTo(reason))
                .withMessageContainingAll(words);
    }

    private void assertRefused(ReasonCode reason, String... words) {
        assertRefused(directory.toString(), reason, words);
    }

    private void makeDirectory(String permissions) throws IOException {
        Files.createDirectory(directory);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString(permissions));
    }

    private void joinAndLeave() throws ProviderException {
        Joining joining = new Joining(UUID.randomUUID(), directory.toString(), false);
        new FileHostProvider()
                .join(new VmcContext().conclude(), joining, new RecordingListener())
                .leave();
    }

    @Test
    void shouldMakeDirectoryForOwnerOnlyWhenItIsMissing() throws IOException {
        joinAndLeave();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
                .isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("grants"))))
                .isEqualTo("rwx------");
    }

    @Test
    void shouldRefuseWhenDirectoryIsSymbolicLink() throws IOException {
        Path target = Files.createDirectory(
                base.resolve("target"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.createSymbolicLink(directory, target);
        assertRefused(ReasonCode.HOST_DIRECTORY_UNUSABLE, directory.toString(), "symbolic link");
        assertRefused(directory + "/", ReasonCode.HOST_DIRECTORY_UNUSABLE, "symbolic link");
        assertThat(target).isEmptyDirectory();
    }

    @Test
    void shouldRefuseWhenGrantsAreSymbolicLink() throws IOException {
        makeDirectory("rwx------");
        Files.createSymbolicLink(directory.resolve("grants"), base);
        assertRefused(ReasonCode.HOST_DIRECTORY_UNUSABLE, directory + "/grants", "symbolic link");
    }

    @Test
    void shouldRefuseWhenItIsAFile() throws IOException {
        Files.createFile(directory);
        assertRefused(ReasonCode.HOST_DIRECTORY_UNUSABLE, "not a directory");
    }

    @Test
    void shouldRefuseWhenOthersMayEnter() throws IOException {
        makeDirectory("rwxr-x---");
        assertRefused(ReasonCode.HOST_DIRECTORY_UNUSABLE, "permissions 750", "chmod 700");
    }

    @Test
    void shouldRefuseWhenOwnerMayNotWrite() throws IOException {
        makeDirectory("r-x------");
        assertRefused(ReasonCode.HOST_DIRECTORY_UNUSABLE, "permissions 500", "chmod 700");
    }

    @Test
    void shouldRefuseWhenItBelongsToSomebodyElse() throws IOException {
        makeDirectory("rwx------");
        boolean root = (int) Files.getAttribute(base, "unix:uid") == 0;
        assumeThat(root).as("only root can give a directory away").isTrue();
        Files.setAttribute(directory, "unix:uid", 12345);
        assertRefused(ReasonCode.HOST_DIRECTORY_UNUSABLE, "belongs to user 12345");
    }

    @Test
    void shouldRefuseWhenParentIsMissing() {
        assertRefused(base + "/a/b", ReasonCode.HOST_DIRECTORY_UNUSABLE, "cannot be made", "ENOENT");
    }

    @Test
    void shouldRefuseWhenItIsNoPath() {
        assertRefused("", ReasonCode.HOST_DIRECTORY_UNUSABLE, "xenvmc.host.dir");
        assertRefused("a\0b", ReasonCode.HOST_DIRECTORY_UNUSABLE, "xenvmc.host.dir");
    }

    @Test
    void shouldRefuseWhenLayoutVersionDiffers() throws IOException {
        joinAndLeave();
        byte[] host = Files.readAllBytes(directory.resolve("host"));
        ByteBuffer.wrap(host).order(ByteOrder.LITTLE_ENDIAN).putInt(HostFileDescriptor.VERSION_OFFSET, 99);
        Files.write(directory.resolve("host"), host);
        assertRefused(ReasonCode.VERSION_MISMATCH, "version 99", "library has 1");
    }

    @Test
    void shouldRefuseWhenHostFileIsForeignOrDamaged() throws IOException {
        joinAndLeave();
        byte[] good = Files.readAllBytes(directory.resolve("host"));
        Files.write(directory.resolve("host"), new byte[64]);
        assertRefused(ReasonCode.HOST_DIRECTORY_UNUSABLE, "none of ours");
        Files.write(directory.resolve("host"), new byte[0]);
        assertRefused(ReasonCode.HOST_DIRECTORY_UNUSABLE, "none of ours");
        Files.write(directory.resolve("host"), Arrays.copyOf(good, good.length - 1));
        assertRefused(ReasonCode.HOST_DIRECTORY_UNUSABLE, "damaged");
    }

    @Test
    void shouldRefuseWhenHostFileIsSymbolicLink() throws IOException {
        makeDirectory("rwx------");
        Files.createSymbolicLink(directory.resolve("host"), Path.of("/etc/passwd"));
        assertRefused(ReasonCode.HOST_DIRECTORY_UNUSABLE, "ELOOP");
    }

    @Test
    void shouldRefuseWhenNetworkLabelIsTooLong() {
        Joining joining = new Joining(UUID.randomUUID(), directory.toString(), false);
        VmcContext context = new VmcContext().network("x".repeat(257)).conclude();
        assertThatExceptionOfType(ProviderException.class)
                .isThrownBy(() -> new FileHostProvider().join(context, joining, new RecordingListener()))
                .withMessageContaining("xenvmc.network");
    }
}
