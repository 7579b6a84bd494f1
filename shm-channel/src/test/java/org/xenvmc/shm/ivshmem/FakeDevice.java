package org.xenvmc.shm.ivshmem;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.xenvmc.shm.provider.HostListener;
import org.xenvmc.shm.provider.HostProvider.Joining;
import org.xenvmc.shm.provider.Member;
import org.xenvmc.shm.provider.ProviderException;
import org.xenvmc.transport.ReasonCode;
import org.xenvmc.transport.VmcContext;

/** A tree like that of sysfs with one ivshmem device, whose memory is a plain file; and VMs that join it. */
final class FakeDevice implements AutoCloseable {
    final Path devices;
    final Path device;
    private final List<IvshmemHostMembership> memberships = new ArrayList<>();

    FakeDevice(int bytes) throws IOException {
        Path shm = Path.of("/dev/shm");
        Path parent = Files.isWritable(shm) ? shm : Path.of(System.getProperty("java.io.tmpdir"));
        devices = parent.resolve("xv-test-" + UUID.randomUUID());
        device = Files.createDirectories(devices.resolve("0000:00:05.0"));
        Path other = Files.createDirectories(devices.resolve("0000:00:04.0"));
        Files.writeString(other.resolve("vendor"), "0x1af4\n");
        Files.writeString(other.resolve("device"), "0x1000\n");
        Files.writeString(device.resolve("vendor"), "0x1af4\n");
        Files.writeString(device.resolve("device"), "0x1110\n");
        Files.writeString(device.resolve("enable"), "0\n");
        try (RandomAccessFile f = new RandomAccessFile(memory().toFile(), "rw")) {
            f.setLength(bytes);
        }
    }

    Path memory() {
        return device.resolve("resource2");
    }

    /** The memory as somebody sees it who obeys no rules. */
    ByteBuffer raw() throws IOException {
        try (RandomAccessFile f = new RandomAccessFile(memory().toFile(), "rw")) {
            MappedByteBuffer b = f.getChannel().map(FileChannel.MapMode.READ_WRITE, 0, f.length());
            return b.order(ByteOrder.nativeOrder());
        }
    }

    void zero() throws IOException {
        ByteBuffer raw = raw();
        raw.put(new byte[raw.capacity()]);
    }

    IvshmemHostMembership join(HostListener listener) throws ProviderException {
        return join(new IvshmemHostProvider(), listener);
    }

    IvshmemHostMembership join(IvshmemHostProvider provider, HostListener listener) throws ProviderException {
        Joining joining = new Joining(UUID.randomUUID(), "ivshmem:" + devices, false);
        IvshmemHostMembership m = (IvshmemHostMembership) provider.join(new VmcContext().conclude(), joining, listener);
        memberships.add(m);
        return m;
    }

    @Override
    public void close() throws IOException {
        memberships.forEach(IvshmemHostMembership::leave);
        try (Stream<Path> all = Files.walk(devices)) {
            for (Path p : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(p);
            }
        }
    }

    /** Keeps what it is told. */
    static final class Recorder implements HostListener {
        final List<Integer> joined = new CopyOnWriteArrayList<>();
        final List<Integer> left = new CopyOnWriteArrayList<>();
        final List<Integer> died = new CopyOnWriteArrayList<>();
        final List<Integer> signals = new CopyOnWriteArrayList<>();
        final List<String> messages = new CopyOnWriteArrayList<>();
        final List<ReasonCode> lost = new CopyOnWriteArrayList<>();

        @Override
        public void joined(Member member) {
            joined.add(member.id().domId());
        }

        @Override
        public void left(Member member, boolean dead) {
            (dead ? died : left).add(member.id().domId());
        }

        @Override
        public void message(int type, ByteBuffer payload) {
            messages.add(type + ":" + StandardCharsets.UTF_8.decode(payload));
        }

        @Override
        public void signalled(int connection) {
            signals.add(connection);
        }

        @Override
        public void lost(ReasonCode why) {
            lost.add(why);
        }
    }
}
