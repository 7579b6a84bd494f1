package org.xenvmc.shm.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xenvmc.shm.provider.Member;

/** Entries that no honest VM makes, and mailboxes that somebody damages. */
class HostileHostTest {
    private TestHost host;
    private FileHostMembership a;
    private final RecordingListener listener = new RecordingListener();

    @BeforeEach
    void open() throws Exception {
        host = new TestHost();
        a = host.join(listener);
    }

    @AfterEach
    void close() throws IOException {
        host.close();
    }

    /** A copy of a good entry, locked by its maker as long as the channel is open. */
    private FileChannel forge(int domId, int offset, int value) throws IOException {
        Path file = host.directory.resolve(".new-forged-" + domId);
        Files.copy(host.directory.resolve("vm-1"), file);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        ByteBuffer word = ByteBuffer.allocate(4).order(ByteOrder.nativeOrder());
        channel.write(word.putInt(0, value), offset);
        Files.move(file, host.directory.resolve("vm-" + domId), StandardCopyOption.ATOMIC_MOVE);
        return channel;
    }

    @Test
    void shouldIgnoreEntryWhenItsNumbersAreImpossible() throws Exception {
        int[][] changes = {
            {VmEntryDescriptor.MAGIC_OFFSET, 0},
            {VmEntryDescriptor.VERSION_OFFSET, 2},
            {VmEntryDescriptor.SIZE_OFFSET, 1 << 30},
            {VmEntryDescriptor.ADDRESS_COUNT_OFFSET, 0},
            {VmEntryDescriptor.ADDRESS_COUNT_OFFSET, Integer.MAX_VALUE},
            {VmEntryDescriptor.LABEL_LENGTH_OFFSET, -1},
            {VmEntryDescriptor.LABEL_LENGTH_OFFSET, VmEntryDescriptor.LABEL_MAX_BYTES + 1},
            {VmEntryDescriptor.ADDRESSES_OFFSET, 5},
            {VmEntryDescriptor.EPOCH_OFFSET, 12345}
        };
        int domId = 20;
        for (int[] change : changes) {
            forge(domId++, change[0], change[1]).close();
        }
        FileHostMembership b = host.join(new RecordingListener());
        await().until(() -> a.member(b.self().domId()) != null);
        assertThat(listener.joined).containsExactly(2);
        assertThat(b.members()).hasSize(2);
        a.selfMember().signal(1);
        await().until(() -> listener.signals.equals(List.of(1)));
    }

    @Test
    void shouldIgnoreEntryWhenItsFileIsWrong() throws Exception {
        Files.createSymbolicLink(host.directory.resolve("vm-10"), host.directory.resolve("vm-1"));
        Files.createDirectory(host.directory.resolve("vm-11"));
        Files.createFile(host.directory.resolve("vm-12"));
        try (RandomAccessFile sparse =
                new RandomAccessFile(host.directory.resolve("vm-13").toFile(), "rw")) {
            sparse.setLength(VmEntryDescriptor.ENTRY_BYTES);
        }
        RecordingListener other = new RecordingListener();
        FileHostMembership b = host.join(other);
        await().until(() -> a.member(b.self().domId()) != null);
        assertThat(other.joined).containsExactly(1);
        assertThat(listener.joined).containsExactly(b.self().domId());
    }

    @Test
    void shouldDeliverNextMessageWhenSenderDiedInTheMiddleOfOne() throws Exception {
        FileHostMembership b = host.join(new RecordingListener());
        FileMember toA = (FileMember) b.member(1);
        ByteBuffer mailbox = toA.entry().mailbox;
        int tail = 256 * 1024 + 128;
        mailbox.putLong(tail, mailbox.getLong(tail) + 64);
        assertThat(toA.send(3, ByteBuffer.wrap(new byte[] {'x'}))).isTrue();
        await().atMost(Duration.ofSeconds(30)).until(() -> listener.messages.equals(List.of("3:x")));
    }

    @Test
    void shouldRecoverWhenMailboxIsDamaged() throws Exception {
        FileHostMembership b = host.join(new RecordingListener());
        FileMember toA = (FileMember) b.member(1);
        long seed = Long.getLong("xenvmc.test.seed", System.nanoTime());
        Random random = new Random(seed);
        ByteBuffer mailbox = toA.entry().mailbox;
        for (int round = 0; round < 50; round++) {
            for (int i = 0; i < 5; i++) {
                mailbox.putInt(random.nextInt(64) * 4, random.nextInt());
                toA.send(1, ByteBuffer.allocate(random.nextInt(4096)));
            }
        }
        mailbox.putLong(256 * 1024 + 128, random.nextLong());
        await("seed " + seed).atMost(Duration.ofSeconds(60)).until(() -> {
            toA.send(2, ByteBuffer.wrap(new byte[] {'y'}));
            return listener.messages.contains("2:y");
        });
    }

    @Test
    void shouldRefuseMessageWhenMailboxIsFullAndAcceptWhenRead() throws Exception {
        Object gate = new Object();
        RecordingListener slow = new RecordingListener() {
            @Override
            public void message(int type, ByteBuffer payload) {
                synchronized (gate) {
                    super.message(type, payload);
                }
            }
        };
        FileHostMembership c = host.join(slow);
        Member toC = c.selfMember();
        int sent = 0;
        synchronized (gate) {
            while (toC.send(1, ByteBuffer.allocate(4000)) && sent < 1000) {
                sent++;
            }
            assertThat(sent).isBetween(60, 67);
        }
        int total = sent;
        await().until(() -> slow.messages.size() == total);
        assertThat(toC.send(1, ByteBuffer.allocate(4000))).isTrue();
        await().until(() -> slow.messages.size() == total + 1);
    }

    @Test
    void shouldFindEverythingAgainWhenChangesWereLost() throws Exception {
        int limit = Integer.parseInt(Files.readString(Path.of("/proc/sys/fs/inotify/max_queued_events"))
                .strip());
        Object gate = new Object();
        RecordingListener slow = new RecordingListener() {
            @Override
            public void joined(Member member) {
                synchronized (gate) {
                    super.joined(member);
                }
            }
        };
        FileHostMembership c = host.join(slow);
        FileHostMembership late;
        synchronized (gate) {
            host.join(new RecordingListener());
            Path file = host.directory.resolve("noise");
            for (int i = 0; i < limit / 2 + 2000; i++) {
                Files.createFile(file);
                Files.delete(file);
            }
            late = host.join(new RecordingListener());
        }
        await().until(() -> c.member(late.self().domId()) != null);
        assertThat(Set.copyOf(slow.joined)).containsExactlyInAnyOrder(1, 3, 4);
    }

    @Test
    void shouldStaySafeWhenCallsMeetLeaving() throws Exception {
        for (int round = 0; round < 30; round++) {
            FileHostMembership c = host.join(new RecordingListener());
            int domId = c.self().domId();
            await().until(() -> a.member(domId) != null);
            Member seen = a.member(domId);
            Thread caller = new Thread(() -> {
                while (seen.alive()) {
                    seen.signal(7);
                    seen.send(1, ByteBuffer.allocate(100));
                    seen.listensOn(80);
                    c.selfMember().signal(8);
                    c.publishPort(80, true);
                    c.signalPoller().enter();
                    c.signalPoller().poll();
                    c.signalPoller().exit();
                }
            });
            caller.start();
            c.leave();
            caller.join(20_000);
            assertThat(caller.isAlive()).isFalse();
        }
        assertThat(host.files()).containsExactly("vm-1");
    }
}
