package org.xenvmc.shm.syscall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xenvmc.transport.ReasonCode;

class SyscallsTest {
    @TempDir
    Path directory;

    private int dirFd;
    private final List<Integer> fds = new ArrayList<>();

    @BeforeEach
    void open() throws SyscallException {
        dirFd = keep(Syscalls.openDirectory(Syscalls.AT_CWD, directory.toString()));
    }

    @AfterEach
    void close() {
        fds.forEach(Syscalls::close);
    }

    private int keep(int fd) {
        fds.add(fd);
        return fd;
    }

    private static void assertFails(int errno, String message, ThrowingCallable call) {
        assertThatExceptionOfType(SyscallException.class)
                .isThrownBy(call)
                .satisfies(e -> assertThat(e.errno()).isEqualTo(errno))
                .withMessageContaining(message);
    }

    @Test
    void shouldBeAvailableHere() {
        assertThat(NativeAccess.cause()).isNull();
        assertThat(NativeAccess.reason()).isEqualTo(ReasonCode.NONE);
        assertThat(NativeAccess.available()).isTrue();
    }

    @Test
    void shouldNameCallArgumentAndNumberWhenFailing() {
        assertFails(Errno.ENOENT, "openat(missing): ENOENT", () -> Syscalls.openToRead(dirFd, "missing"));
        assertFails(9, "fstat(fd 100000): errno 9", () -> Syscalls.status(100_000));
        assertThatExceptionOfType(SyscallException.class)
                .isThrownBy(() -> Syscalls.openToRead(dirFd, "missing"))
                .satisfies(e -> assertThat(e.call()).isEqualTo("openat"));
    }

    @Test
    void shouldCreateForOwnerOnlyAndOnce() throws SyscallException {
        FileStatus status = Syscalls.status(keep(Syscalls.create(dirFd, "a")));
        assertThat(status.regular()).isTrue();
        assertThat(status.permissions()).isEqualTo(0600);
        assertThat(status.uid()).isEqualTo(Syscalls.effectiveUid());
        assertThat(status.links()).isEqualTo(1);
        assertThat(status.size()).isZero();
        assertFails(Errno.EEXIST, "openat(a)", () -> Syscalls.create(dirFd, "a"));
    }

    @Test
    void shouldNotFollowSymbolicLinks() throws IOException {
        Files.createFile(directory.resolve("target"));
        Files.createSymbolicLink(directory.resolve("link"), directory.resolve("target"));
        Files.createSymbolicLink(directory.resolve("directory"), directory);
        assertFails(Errno.ELOOP, "openat(link)", () -> Syscalls.openToWrite(dirFd, "link"));
        assertFails(Errno.EEXIST, "openat(link)", () -> Syscalls.create(dirFd, "link"));
        assertFails(Errno.ENOTDIR, "openat(directory)", () -> Syscalls.openDirectory(dirFd, "directory"));
    }

    @Test
    void shouldAllocateAndMapSharedMemory() throws SyscallException {
        int fd = keep(Syscalls.create(dirFd, "a"));
        Syscalls.allocate(fd, 10_000);
        FileStatus status = Syscalls.status(fd);
        assertThat(status.size()).isEqualTo(10_000);
        assertThat(status.allocatedBytes()).isGreaterThanOrEqualTo(10_000);
        MappedRegion one = MappedRegion.map(fd, 10_000);
        MappedRegion two = MappedRegion.map(fd, 10_000);
        assertThat(one.buffer().order()).isEqualTo(ByteOrder.nativeOrder());
        assertThat(one.buffer().capacity()).isEqualTo(10_000);
        one.buffer().putLong(8, 42);
        assertThat(two.buffer().getLong(8)).isEqualTo(42);
        two.detach();
        assertThat(two.buffer().getLong(8)).isZero();
        two.buffer().putLong(8, 43);
        assertThat(one.buffer().getLong(8)).isEqualTo(42);
        one.unmap();
        two.unmap();
        assertFails(Errno.EINVAL, "mmap(fd", () -> MappedRegion.map(fd, 0));
    }

    @Test
    void shouldRenameOnlyWhenNameIsFree() throws IOException {
        keep(Syscalls.create(dirFd, "a"));
        Syscalls.renameWithoutReplacing(dirFd, "a", "b");
        keep(Syscalls.create(dirFd, "a"));
        assertFails(Errno.EEXIST, "renameat2(a, b)", () -> Syscalls.renameWithoutReplacing(dirFd, "a", "b"));
        assertFails(Errno.ENOENT, "renameat2", () -> Syscalls.renameWithoutReplacing(dirFd, "x", "y"));
        assertThat(Syscalls.unlink(dirFd, "a")).isTrue();
        assertThat(Syscalls.unlink(dirFd, "a")).isFalse();
        assertThat(directory.resolve("b")).exists();
    }

    @Test
    void shouldLockOnceUntilDescriptorAndMappingAreGone() throws SyscallException {
        int owner = Syscalls.create(dirFd, "a");
        Syscalls.allocate(owner, 4096);
        int other = keep(Syscalls.openToRead(dirFd, "a"));
        assertThat(Syscalls.tryLock(owner)).isTrue();
        assertThat(Syscalls.tryLock(other)).isFalse();
        MappedRegion mapping = MappedRegion.map(owner, 4096);
        Syscalls.close(owner);
        assertThat(Syscalls.tryLock(other)).isFalse();
        mapping.unmap();
        assertThat(Syscalls.tryLock(other)).isTrue();
    }

    @Test
    void shouldReadWhatWasWritten() throws SyscallException {
        byte[] text = "hello".getBytes(StandardCharsets.UTF_8);
        Syscalls.write(keep(Syscalls.create(dirFd, "a")), text);
        byte[] buffer = new byte[10];
        int fd = keep(Syscalls.openToRead(dirFd, "a"));
        assertThat(Syscalls.read(fd, buffer)).isEqualTo(5);
        assertThat(buffer).startsWith(text);
        assertThat(Syscalls.read(fd, buffer)).isZero();
    }
}
