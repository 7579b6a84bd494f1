package org.xenvmc.shm.syscall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryWatchTest {
    @TempDir
    Path directory;

    private int dirFd;
    private DirectoryWatch watch;
    private final List<String> seen = new CopyOnWriteArrayList<>();
    private final DirectoryWatch.Handler handler = new DirectoryWatch.Handler() {
        @Override
        public void changed(String name, boolean closed) {
            seen.add(name + (closed ? " closed" : ""));
        }

        @Override
        public void lost() {
            seen.add("lost");
        }
    };

    @BeforeEach
    void open() throws SyscallException {
        dirFd = Syscalls.openDirectory(Syscalls.AT_CWD, directory.toString());
        watch = new DirectoryWatch(dirFd);
    }

    @AfterEach
    void close() {
        watch.close();
        Syscalls.close(dirFd);
    }

    @Test
    void shouldReportClosingMovingAndDeleting() throws Exception {
        Files.createFile(directory.resolve("a"));
        Files.move(directory.resolve("a"), directory.resolve("bb"));
        Files.delete(directory.resolve("bb"));
        assertThat(watch.await(-1, handler)).isTrue();
        assertThat(seen).containsExactly("a closed", "bb", "bb");
    }

    @Test
    void shouldReportClosingByProcessThatOnlyMapped() throws Exception {
        int fd = Syscalls.create(dirFd, "a");
        Syscalls.allocate(fd, 4096);
        MappedRegion mapping = MappedRegion.map(fd, 4096);
        Syscalls.close(fd);
        assertThat(watch.await(0, handler)).isTrue();
        assertThat(seen).isEmpty();
        mapping.unmap();
        assertThat(watch.await(-1, handler)).isTrue();
        assertThat(seen).containsExactly("a closed");
    }

    @Test
    void shouldReturnWithoutChangesWhenTimeIsOver() throws Exception {
        assertThat(watch.await(1, handler)).isTrue();
        assertThat(seen).isEmpty();
    }

    @Test
    void shouldEndWaitingWhenStopped() throws Exception {
        Thread waiting = new Thread(() -> {
            try {
                while (watch.await(-1, handler)) {
                    Thread.onSpinWait();
                }
                seen.add("ended");
            } catch (SyscallException e) {
                seen.add(e.toString());
            }
        });
        waiting.start();
        watch.stop();
        await().until(() -> seen.equals(List.of("ended")));
        waiting.join();
        watch.close();
        watch.close();
        watch.stop();
    }

    @Test
    void shouldReportLossWhenEventHasNoName() {
        ByteBuffer events = ByteBuffer.allocate(64).order(ByteOrder.nativeOrder());
        events.putInt(-1).putInt(0x4000).putInt(0).putInt(0);
        events.putInt(1).putInt(0x80).putInt(0).putInt(16);
        events.put("vm-1".getBytes(StandardCharsets.US_ASCII)).position(48).flip();
        DirectoryWatch.parse(events, handler);
        assertThat(seen).containsExactly("lost", "vm-1");
    }
}
