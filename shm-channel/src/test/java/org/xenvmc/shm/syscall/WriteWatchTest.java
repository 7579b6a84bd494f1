package org.xenvmc.shm.syscall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against this machine's kernel; skipped where it cannot do it. */
class WriteWatchTest {
    private static final int PAGE = 4096;
    private static final int PAGES = 2048;

    @TempDir
    private Path dir;

    private WriteWatch watch;

    @BeforeEach
    void open() {
        try {
            watch = WriteWatch.open();
        } catch (SyscallException e) {
            Assumptions.abort("needs Linux 6.7 with userfaultfd allowed: " + e.getMessage());
        }
    }

    @AfterEach
    void close() {
        if (watch != null) {
            watch.close();
        }
    }

    private MappedRegion region(boolean shared) throws IOException {
        if (!shared) {
            return MappedRegion.anonymous(PAGES * PAGE);
        }
        Path file = Files.write(dir.resolve("shared"), new byte[PAGES * PAGE]);
        int fd = Syscalls.openToWrite(Syscalls.AT_CWD, file.toString());
        try {
            return MappedRegion.map(fd, PAGES * PAGE);
        } finally {
            Syscalls.close(fd);
        }
    }

    private static void write(ByteBuffer memory, int page) {
        memory.put(page * PAGE + 17, (byte) (memory.get(page * PAGE + 17) + 1));
    }

    private void watchOrSkip(MappedRegion region) {
        try {
            watch.add(region.address(), region.address() + region.bytes());
        } catch (SyscallException e) {
            region.unmap();
            Assumptions.abort("this kernel cannot watch this kind of memory: " + e.getMessage());
        }
    }

    @Test
    void shouldCountPagesThatWereWrittenAndNoOthers() throws IOException {
        MappedRegion region = region(false);
        ByteBuffer memory = region.buffer();
        write(memory, 1);
        write(memory, 2);
        watchOrSkip(region);
        long from = region.address();
        long to = from + region.bytes();
        assertThat(watch.takeWritten(from, to)).isZero();

        write(memory, 2);
        write(memory, 9);
        assertThat(memory.get(1 * PAGE)).isZero(); // reading does not count, neither here nor where nothing was before
        assertThat(memory.get(33 * PAGE)).isZero();
        assertThat(watch.takeWritten(from, to)).isEqualTo(2);
        assertThat(watch.takeWritten(from, to)).isZero();

        write(memory, 9);
        write(memory, 9);
        write(memory, 33);
        assertThat(watch.takeWritten(from, from + 10 * PAGE)).isEqualTo(1);
        assertThat(watch.takeWritten(from, to)).isEqualTo(1);
        region.unmap();
    }

    /** More regions than fit into one answer of the kernel. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldCountManyScatteredPages(boolean shared) throws IOException {
        MappedRegion region = region(shared);
        watchOrSkip(region);
        for (int page = 0; page < PAGES; page += 2) {
            write(region.buffer(), page);
        }

        assertThat(watch.takeWritten(region.address(), region.address() + region.bytes()))
                .isEqualTo(PAGES / 2);
        region.unmap();
    }

    @Test
    void shouldCountNothingThatIsNotWatched() throws IOException {
        MappedRegion region = region(false);
        write(region.buffer(), 5);
        write(region.buffer(), 6);
        long to = region.address() + region.bytes();

        assertThat(watch.takeWritten(region.address(), to)).isZero();
        assertThat(watch.countPresent(region.address(), to)).isEqualTo(2);
        region.unmap();
    }

    @Test
    void shouldLetTheMemoryGoWhenItIsClosed() throws IOException {
        MappedRegion region = region(false);
        watchOrSkip(region);
        watch.close();

        write(region.buffer(), 5);
        assertThat(region.buffer().get(5 * PAGE + 17)).isEqualTo((byte) 1);
        assertThatIllegalStateException()
                .isThrownBy(() -> watch.takeWritten(region.address(), region.address() + PAGE));
        region.unmap();
    }
}
