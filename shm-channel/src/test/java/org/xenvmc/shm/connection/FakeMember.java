package org.xenvmc.shm.connection;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.xenvmc.shm.provider.Member;
import org.xenvmc.transport.VmId;

/** A VM that keeps what is sent to it. */
final class FakeMember implements Member {
    /** A control message, read from its sender's number on. */
    record Received(int type, Message.Reader body) {}

    private final int domId;
    private final UUID uuid = UUID.randomUUID();
    private final Set<Integer> ports = ConcurrentHashMap.newKeySet();
    private final BlockingQueue<Received> received = new LinkedBlockingQueue<>();
    volatile boolean alive = true;
    volatile boolean full;
    /** Whether other messages than the one expected are of no interest. */
    volatile boolean skipOthers;

    FakeMember(int domId, int... ports) {
        this.domId = domId;
        for (int p : ports) {
            this.ports.add(p);
        }
    }

    /** The next message, which must be of this type; its sender's number is taken off. */
    Message.Reader expect(int type) throws InterruptedException {
        Received r = received.poll(20, TimeUnit.SECONDS);
        while (skipOthers && r != null && r.type != type) {
            r = received.poll(20, TimeUnit.SECONDS);
        }
        if (r == null || r.type != type) {
            throw new AssertionError("expected message " + type + ", got " + r);
        }
        r.body.small();
        return r.body;
    }

    /** Takes everything that has come. */
    int forget() {
        int n = received.size();
        received.clear();
        return n;
    }

    @Override
    public VmId id() {
        return new VmId("10.0.0." + domId, domId);
    }

    @Override
    public UUID uuid() {
        return uuid;
    }

    @Override
    public long pid() {
        return 1000 + domId;
    }

    @Override
    public long networkNamespace() {
        return 1;
    }

    @Override
    public String network() {
        return "";
    }

    @Override
    public List<String> addresses() {
        return List.of("10.0.0." + domId, "127.0.0.1");
    }

    @Override
    public boolean listensOn(int port) {
        return ports.contains(port);
    }

    @Override
    public List<Integer> ports() {
        return List.copyOf(ports);
    }

    @Override
    public boolean tool() {
        return false;
    }

    @Override
    public boolean alive() {
        return alive;
    }

    @Override
    public boolean send(int type, ByteBuffer payload) {
        if (full || !alive) {
            return false;
        }
        received.add(new Received(
                type,
                new Message.Reader(
                        ByteBuffer.allocate(payload.remaining()).put(payload).flip())));
        return true;
    }

    @Override
    public void signal(int connection) {}
}
