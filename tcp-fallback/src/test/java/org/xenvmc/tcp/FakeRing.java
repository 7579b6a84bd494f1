package org.xenvmc.tcp;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import org.xenvmc.transport.spi.MemoryLostException;
import org.xenvmc.transport.spi.RingReceiver;
import org.xenvmc.transport.spi.RingSender;

/**
 * A ring in private memory. Its monitor guards everything and is what ends wait on. Uses of an end after its release are
 * noted in {@link #misuses}.
 */
final class FakeRing {
    final Sender sender = new Sender();
    final Receiver receiver = new Receiver();
    final List<String> misuses = new CopyOnWriteArrayList<>();

    final byte[] bytes;
    long put;
    long taken;
    private long start = RingReceiver.UNSET;
    private long end = RingReceiver.UNSET;
    private long fin = RingReceiver.UNSET;
    private long finishedAt = Long.MAX_VALUE;
    private boolean aborted;
    private boolean cancelled;
    private boolean ready;
    private boolean closed;
    private boolean receiverAborted;
    int changes;
    int signals;
    private IOException violation;
    private boolean vanished;

    FakeRing(int capacity) {
        bytes = new byte[capacity];
    }

    /** From now on the peer of either end seems to be hostile. */
    synchronized void violate(String how) {
        violation = new IOException(how);
        changed();
    }

    /** From now on the memory is gone: nothing that was written can be read, and the receiver can find that out. */
    synchronized void vanish() {
        vanished = true;
        taken = put;
    }

    void changed() {
        changes++;
        notifyAll();
    }

    final class Sender extends FakeRingEnd implements RingSender {
        Sender() {
            super(FakeRing.this);
        }

        @Override
        public boolean allTaken() {
            synchronized (FakeRing.this) {
                return put == taken;
            }
        }

        @Override
        public int unconfirmedBytes() {
            synchronized (FakeRing.this) {
                return (int) (put - taken);
            }
        }

        @Override
        boolean somethingThere() {
            return put - taken < bytes.length;
        }

        private void publish(String call, Runnable change) {
            Runnable signal;
            synchronized (FakeRing.this) {
                use(call);
                change.run();
                changed();
                signal = receiver.takeSignal();
            }
            signal.run();
        }

        @Override
        public boolean receiverReady() {
            synchronized (FakeRing.this) {
                return ready;
            }
        }

        @Override
        public void start(long offset) {
            publish("start", () -> start = offset);
        }

        @Override
        public int write(ByteBuffer src) throws IOException {
            Runnable signal;
            int n = 0;
            synchronized (FakeRing.this) {
                use("write");
                if (violation != null) {
                    throw violation;
                }
                if (closed) {
                    return -1;
                }
                while (src.hasRemaining() && put - taken < bytes.length) {
                    bytes[(int) (put++ % bytes.length)] = src.get();
                    n++;
                }
                if (n > 0) {
                    changed();
                }
                signal = n > 0 ? receiver.takeSignal() : () -> {};
            }
            signal.run();
            return n;
        }

        @Override
        public boolean writeUrgent(byte data) throws IOException {
            throw new UnsupportedOperationException("urgent data is tested with real rings");
        }

        @Override
        public boolean hasRoom() throws IOException {
            synchronized (FakeRing.this) {
                use("hasRoom");
                return somethingThere();
            }
        }

        @Override
        public void end(long offset) {
            publish("end", () -> {
                end = offset;
                finishedAt = put;
            });
        }

        @Override
        public void fin(long offset) {
            publish("fin", () -> {
                fin = offset;
                finishedAt = put;
            });
        }

        @Override
        public void abort() {
            publish("abort", () -> aborted = true);
        }

        @Override
        public void cancel() {
            publish("cancel", () -> cancelled = true);
        }

        @Override
        public boolean receiverClosed() {
            synchronized (FakeRing.this) {
                return closed;
            }
        }

        @Override
        public boolean receiverAborted() {
            synchronized (FakeRing.this) {
                return receiverAborted;
            }
        }

        @Override
        public boolean receiverDone() {
            synchronized (FakeRing.this) {
                return taken >= finishedAt || closed || receiver.released();
            }
        }

        @Override
        public void release() {
            synchronized (FakeRing.this) {
                releaseOnce();
            }
        }
    }

    final class Receiver extends FakeRingEnd implements RingReceiver {
        Receiver() {
            super(FakeRing.this);
        }

        @Override
        boolean somethingThere() {
            return put > taken;
        }

        private void publish(String call, Runnable change) {
            Runnable signal;
            synchronized (FakeRing.this) {
                use(call);
                change.run();
                changed();
                signal = sender.takeSignal();
            }
            signal.run();
        }

        @Override
        public void ready() {
            publish("ready", () -> ready = true);
        }

        @Override
        public long start() {
            synchronized (FakeRing.this) {
                return start;
            }
        }

        @Override
        public int read(ByteBuffer dst) throws IOException {
            Runnable signal;
            int n = 0;
            synchronized (FakeRing.this) {
                use("read");
                if (violation != null) {
                    throw violation;
                }
                while (dst.hasRemaining() && taken < put) {
                    dst.put(bytes[(int) (taken++ % bytes.length)]);
                    n++;
                }
                if (n > 0) {
                    changed();
                }
                signal = n > 0 ? sender.takeSignal() : () -> {};
            }
            signal.run();
            return n;
        }

        @Override
        public boolean hasData() throws IOException {
            synchronized (FakeRing.this) {
                use("hasData");
                return somethingThere();
            }
        }

        @Override
        public void urgentInline(BooleanSupplier inline) {}

        @Override
        public void checkMemory() throws MemoryLostException {
            synchronized (FakeRing.this) {
                if (vanished) {
                    throw new MemoryLostException();
                }
            }
        }

        @Override
        public long droppedBytes() {
            return 0;
        }

        @Override
        public int availableBytes() {
            synchronized (FakeRing.this) {
                use("availableBytes");
                return (int) (put - taken);
            }
        }

        @Override
        public long end() {
            synchronized (FakeRing.this) {
                return end;
            }
        }

        @Override
        public long fin() {
            synchronized (FakeRing.this) {
                return fin;
            }
        }

        @Override
        public boolean aborted() {
            synchronized (FakeRing.this) {
                return aborted;
            }
        }

        @Override
        public boolean cancelled() {
            synchronized (FakeRing.this) {
                return cancelled;
            }
        }

        @Override
        public void close(boolean abort) {
            publish("close", () -> {
                closed = true;
                receiverAborted |= abort;
            });
        }

        @Override
        public void release() {
            synchronized (FakeRing.this) {
                releaseOnce();
            }
        }
    }
}
