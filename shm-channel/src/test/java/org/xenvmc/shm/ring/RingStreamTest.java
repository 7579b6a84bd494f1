package org.xenvmc.shm.ring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xenvmc.transport.WaitStrategy;

/** What goes in comes out: once, in order, whatever the sizes of writes and reads. */
class RingStreamTest {
    private static final byte UNTOUCHED = 0x33;

    private RingFixture ring;
    private long sent;
    private long received;

    private int write(Random random, int length) throws IOException {
        ByteBuffer src =
                random.nextBoolean() ? ByteBuffer.allocate(length + 20) : ByteBuffer.allocateDirect(length + 20);
        int from = random.nextInt(20);
        RingFixture.fill(src.position(from).limit(from + length), sent).position(from);
        ByteBuffer given = random.nextBoolean() ? src : src.asReadOnlyBuffer();
        int n = ring.sender.write(given);
        assertThat(n).isBetween(0, length);
        assertThat(given.position()).isEqualTo(from + n);
        sent += n;
        return n;
    }

    private int read(Random random, int length) throws IOException {
        ByteBuffer dst =
                random.nextBoolean() ? ByteBuffer.allocate(length + 20) : ByteBuffer.allocateDirect(length + 20);
        for (int i = 0; i < dst.capacity(); i++) {
            dst.put(i, UNTOUCHED);
        }
        int from = random.nextInt(20);
        int n = ring.receiver.read(dst.position(from).limit(from + length));
        assertThat(n).isBetween(0, length);
        assertThat(dst.position()).isEqualTo(from + n);
        dst.clear();
        for (int i = 0; i < dst.capacity(); i++) {
            if ((i < from || i >= from + n) && dst.get(i) != UNTOUCHED) {
                throw new AssertionError("byte " + i + " of the destination, outside " + from + "+" + n);
            }
        }
        received += RingFixture.check(dst.limit(from + n).position(from), received);
        return n;
    }

    @ParameterizedTest
    @ValueSource(ints = {4096, 8192, 65536, 1 << 20})
    void shouldDeliverTheStreamWhateverTheSizes(int capacity) throws Exception {
        ring = new RingFixture(capacity);
        Random random = new Random(RingFixture.seed("RingStreamTest"));
        long total = Math.max(4L * capacity, 200_000);
        while (sent < total) {
            int writes = random.nextInt(4);
            for (int i = 0; i < writes; i++) {
                writeAndCheck(random, RingFixture.length(random, 2 * capacity));
            }
            int reads = random.nextInt(4);
            for (int i = 0; i < reads; i++) {
                readAndCheck(random, RingFixture.length(random, 2 * capacity));
            }
            if (random.nextInt(8) == 0) {
                drainAndWriteAgain(random);
            }
        }
        while (received < sent) {
            readAndCheck(random, capacity);
        }
        assertThat(ring.receiver.read(ByteBuffer.allocate(10))).isZero();
        ring.memory.assertGuardsIntact();
    }

    private void writeAndCheck(Random random, int length) throws IOException {
        boolean room = ring.sender.hasRoom();
        int n = write(random, length);
        if (room) {
            assertThat(n).as("written where there was said to be room").isPositive();
        }
        if (random.nextInt(8) == 0) {
            assertThat((long) ring.receiver.availableBytes()).isEqualTo(sent - received);
        }
        assertThat((long) ring.sender.fillBytes()).isBetween(sent - received, (long) ring.memory.capacity);
    }

    private void readAndCheck(Random random, int length) throws IOException {
        boolean data = ring.receiver.hasData();
        assertThat(data).isEqualTo(received < sent);
        int n = read(random, length);
        assertThat(n > 0).isEqualTo(data);
    }

    private void drainAndWriteAgain(Random random) throws IOException {
        while (received < sent) {
            read(random, ring.memory.capacity);
        }
        assertThat(ring.sender.hasRoom()).as("room in an empty ring").isTrue();
        assertThat(write(random, 1)).isEqualTo(1);
    }

    /** Every position of the tail relative to the end of the buffer, and every length there. */
    @Test
    void shouldWrapAtEveryPosition() throws Exception {
        Random random = new Random(RingFixture.seed("RingStreamTest"));
        for (int before = 1; before <= 80; before += 9) {
            for (int length = 1; length <= 64; length += 7) {
                ring = new RingFixture(4096);
                sent = 0;
                received = 0;
                while (sent < 4096 - 8 * 8 - 80) {
                    write(random, Math.min(504, (int) (4096 - 8 * 8 - 80 - sent)));
                }
                write(random, before);
                while (received < sent) {
                    read(random, 4096);
                }
                for (int i = 0; i < 4; i++) {
                    assertThat(write(random, length)).isEqualTo(length);
                    assertThat(read(random, 4096)).isEqualTo(length);
                }
            }
        }
    }

    @Test
    void shouldTakeNothingWhenFullAndGoOnWhenThereIsRoom() throws Exception {
        Random random = new Random(RingFixture.seed("RingStreamTest"));
        ring = new RingFixture(4096);
        while (write(random, 100) == 100) {
            // fills it
        }
        assertThat(write(random, 100)).isZero();
        assertThat(ring.sender.hasRoom()).isFalse();
        assertThat(sent).isGreaterThan(4096 * 8 / 10);
        int before = ring.sender.fillBytes();
        assertThat(read(random, 2000)).isEqualTo(2000);
        assertThat(ring.sender.fillBytes()).isLessThan(before);
        assertThat(write(random, 1000)).isEqualTo(1000);
        while (received < sent) {
            read(random, 500);
        }
    }

    @Test
    void shouldTakeAByteWheneverItSaysThatThereIsRoom() throws Exception {
        Random random = new Random(RingFixture.seed("RingStreamTest"));
        ring = new RingFixture(4096);
        for (int i = 0; i < 40_000; i++) {
            boolean room = ring.sender.hasRoom();
            int n = write(random, 1);
            if (room) {
                assertThat(n).as("after %d bytes", sent).isEqualTo(1);
            }
            if (n == 0) {
                read(random, 1 + random.nextInt(3));
            }
        }
    }

    /** The tail is 8 bytes before the end, and 24 bytes are free: the padding takes 8 of them. */
    @Test
    void shouldNotSayThatThereIsRoomWhenThePaddingTakesIt() throws Exception {
        Random random = new Random(1);
        ring = new RingFixture(4096);
        write(random, 8);
        for (int i = 0; i < 7; i++) {
            write(random, 504);
        }
        assertThat(write(random, 480)).isEqualTo(480);
        assertThat(read(random, 8)).isEqualTo(8);
        assertThat(ring.sender.fillBytes()).isEqualTo(4096 - 24);
        boolean room = ring.sender.hasRoom();
        assertThat(write(random, 1) > 0).as("written").isEqualTo(room);
    }

    /** A mapped file can be as long as a buffer can: lengths must not overflow. */
    @Test
    void shouldWriteFromTheLargestBuffer(@TempDir Path folder) throws Exception {
        ring = new RingFixture(4096);
        try (FileChannel file = FileChannel.open(
                folder.resolve("sparse"),
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.allocate(1), Integer.MAX_VALUE - 1L);
            ByteBuffer src = file.map(FileChannel.MapMode.READ_ONLY, 0, Integer.MAX_VALUE);
            int n = ring.sender.write(src);
            assertThat(n).isGreaterThan(3000).isEqualTo(src.position());
            assertThat(ring.receiver.availableBytes()).isEqualTo(n);
        }
    }

    @ParameterizedTest
    @EnumSource(WaitStrategy.class)
    void shouldDeliverBetweenThreadsThatWaitForEachOther(WaitStrategy strategy) throws Exception {
        ring = new RingFixture(16384, strategy);
        long total = strategy == WaitStrategy.PARK ? 1 << 20 : 4 << 20;
        long seed = RingFixture.seed("RingStreamTest");
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            Future<?> writer = thread.submit(() -> {
                Random random = new Random(seed);
                while (sent < total) {
                    int length = (int) Math.min(total - sent, RingFixture.length(random, 40_000));
                    ByteBuffer src = RingFixture.bytes(sent, length);
                    while (src.hasRemaining()) {
                        ring.sender.observe();
                        sent += ring.sender.write(src);
                        if (src.hasRemaining()) {
                            ring.sender.await(Long.MAX_VALUE);
                        }
                    }
                }
                ring.sender.fin(sent);
                return null;
            });
            Random random = new Random(seed + 1);
            while (received < total) {
                ByteBuffer dst = ByteBuffer.allocate(RingFixture.length(random, 40_000));
                ring.receiver.observe();
                if (ring.receiver.read(dst) == 0) {
                    ring.receiver.await(Long.MAX_VALUE);
                }
                received += RingFixture.check(dst.flip(), received);
            }
            writer.get();
            assertThat(ring.receiver.fin()).isEqualTo(total);
            ring.memory.assertGuardsIntact();
        } finally {
            ring.sender.kick();
            thread.shutdownNow();
        }
    }
}
