package org.xenvmc.bench.ring;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.xenvmc.shm.ring.RingLayout;
import org.xenvmc.shm.ring.RingPlace;
import org.xenvmc.shm.ring.SpinWait;
import org.xenvmc.shm.ring.SpscRingReceiver;
import org.xenvmc.shm.ring.SpscRingSender;
import org.xenvmc.shm.syscall.Membarrier;
import org.xenvmc.transport.WaitStrategy;
import org.xenvmc.transport.spi.RingReceiver;
import org.xenvmc.transport.spi.RingSender;

/** This library's ring, used without the socket API. */
public final class OurLink implements RingLink {
    private final RingSender sender;
    private final RingReceiver receiver;

    private OurLink(RingSender sender, RingReceiver receiver) {
        this.sender = sender;
        this.receiver = receiver;
    }

    /** Memory that a ring of this capacity needs, in bytes. */
    public static int ringBytes(int capacityBytes) {
        return RingLayout.ringBytes(capacityBytes);
    }

    /** Prepares new memory for {@link #receiver} and {@link #sender}. */
    public static void initialise(ByteBuffer memory, int capacityBytes) {
        RingLayout.initialise(memory, capacityBytes);
    }

    /** The receiving end. */
    public static RingLink receiver(ByteBuffer memory, int capacityBytes) {
        RingReceiver receiver = new SpscRingReceiver(place(memory, capacityBytes));
        receiver.ready();
        return new OurLink(null, receiver);
    }

    /** The sending end. */
    public static RingLink sender(ByteBuffer memory, int capacityBytes) {
        RingSender sender = new SpscRingSender(place(memory, capacityBytes));
        sender.start(0);
        return new OurLink(sender, null);
    }

    private static RingPlace place(ByteBuffer memory, int capacityBytes) {
        SpinWait spin = new SpinWait(WaitStrategy.SPIN, 0, 2);
        return new RingPlace(new SpinMapping(memory), 0, capacityBytes, spin, Membarrier.fence(), () -> {}, () -> {});
    }

    @Override
    public int offer(ByteBuffer source) throws IOException {
        int written = sender.write(source);
        if (written < 0) {
            throw new IOException("the receiver closed the ring");
        }
        return written;
    }

    @Override
    public int poll(ByteBuffer destination) throws IOException {
        return receiver.read(destination);
    }
}
