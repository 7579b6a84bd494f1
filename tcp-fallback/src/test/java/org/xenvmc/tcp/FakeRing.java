package org.xenvmc.tcp;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
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

    private final byte[] bytes;
    private long put;
    private long taken;
    private long start = RingReceiver.UNSET;
    private long end = RingReceiver.UNSET;
    private long fin = RingReceiver.UNSET;
    private long finishedAt = Long.MAX_VALUE;
    private boolean aborted;
    private boolean cancelled;
    private boolean ready;
    private boolean closed;
    private boolean receiverAborted;
    private int changes;
    private int signals;
    private IOException violation;

    FakeRing(int capacity) {
        bytes = new byte[capacity];
    }

    /** From now on the peer of either end seems to be hostile. */
    synchronized void violate(String how) {
        violation = new IOException(how);
        changed();
    }

    private void changed() {
        changes++;
        notifyAll();
    }

    /** What both ends have in common. */
    abstract class End {
        private Runnable signal = () -> {};
        private boolean armed;
        private boolean kicked;
        private int kicks;
        private int seen;
        private int waiting;
        private int releases;

        abstract boolean somethingThere();

        /** What to do when this end has asked for a notification and something happened. */
        void onSignal(Runnable action) {
            signal = action;
        }

        boolean released() {
            synchronized (FakeRing.this) {
                return releases > 0;
            }
        }

        /** How often it was kicked. */
        int kicks() {
            synchronized (FakeRing.this) {
                return kicks;
            }
        }

        /** Threads inside await. */
        int waiting() {
            synchronized (FakeRing.this) {
                return waiting;
            }
        }

        void use(String call) {
            if (releases > 0) {
                misuses.add(call + " after release");
            }
        }

        public void observe() {
            synchronized (FakeRing.this) {
                use("observe");
                seen = changes;
            }
        }

        public void await(long timeoutNs) {
            synchronized (FakeRing.this) {
                use("await");
                long deadline = timeoutNs == Long.MAX_VALUE ? timeoutNs : System.nanoTime() + timeoutNs;
                waiting++;
                try {
                    while (!somethingThere() && seen == changes && !kicked) {
                        if (!sleepUntil(deadline)) {
                            break;
                        }
                    }
                } finally {
                    waiting--;
                    kicked = false;
                }
            }
        }

        /** False when the time is over. */
        private boolean sleepUntil(long deadline) {
            try {
                if (deadline == Long.MAX_VALUE) {
                    FakeRing.this.wait();
                    return true;
                }
                long leftNs = deadline - System.nanoTime();
                if (leftNs > 0) {
                    FakeRing.this.wait(TimeUnit.NANOSECONDS.toMillis(leftNs) + 1);
                }
                return leftNs > 0;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }

        public void kick() {
            synchronized (FakeRing.this) {
                kicked = releases == 0;
                kicks++;
                FakeRing.this.notifyAll();
            }
        }

        public boolean arm() {
            synchronized (FakeRing.this) {
                armed = true;
                return releases > 0 || somethingThere() || seen != changes;
            }
        }

        /** To be run outside the monitor by the end that has changed something. */
        Runnable takeSignal() {
            boolean was = armed;
            armed = false;
            signals += was ? 1 : 0;
            return was ? signal : () -> {};
        }

        public int capacityBytes() {
            return bytes.length;
        }

        public int fillBytes() {
            synchronized (FakeRing.this) {
                return (int) (put - taken);
            }
        }

        public long sleeps() {
            return 0;
        }

        public long wakeUps() {
            synchronized (FakeRing.this) {
                return signals;
            }
        }

        void releaseOnce() {
            releases++;
            changed();
        }
    }

    final class Sender extends End implements RingSender {
        @Override
        public boolean allTaken() {
            synchronized (FakeRing.this) {
                return put == taken;
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

    final class Receiver extends End implements RingReceiver {
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
