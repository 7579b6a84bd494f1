package org.xenvmc.transport;

import java.nio.ByteBuffer;

/** One direction in memory: bytes, the end, and who asked to be told. Thread-safe; tells outside its lock. */
final class FakeRing {
    private final byte[] bytes;
    private long taken;
    private long put;
    private boolean ended;
    private boolean readerAsked;
    private boolean writerAsked;
    private Runnable tellReader = () -> {};
    private Runnable tellWriter = () -> {};

    FakeRing(int capacity) {
        bytes = new byte[capacity];
    }

    synchronized void reader(Runnable tell) {
        tellReader = tell;
    }

    synchronized void writer(Runnable tell) {
        tellWriter = tell;
    }

    int write(ByteBuffer src) {
        int n;
        Runnable tell;
        synchronized (this) {
            n = (int) Math.min(src.remaining(), bytes.length - (put - taken));
            for (int i = 0; i < n; i++) {
                bytes[(int) (put++ % bytes.length)] = src.get();
            }
            tell = n > 0 ? takeReader() : null;
        }
        run(tell);
        return n;
    }

    /** Returns -1 at the end. */
    int read(ByteBuffer dst) {
        int n;
        Runnable tell;
        synchronized (this) {
            n = (int) Math.min(dst.remaining(), put - taken);
            for (int i = 0; i < n; i++) {
                dst.put(bytes[(int) (taken++ % bytes.length)]);
            }
            if (n == 0 && ended && dst.hasRemaining()) {
                return -1;
            }
            tell = n > 0 ? takeWriter() : null;
        }
        run(tell);
        return n;
    }

    void end() {
        Runnable tell;
        synchronized (this) {
            ended = true;
            tell = takeReader();
        }
        run(tell);
    }

    private Runnable takeReader() {
        notifyAll();
        Runnable tell = readerAsked ? tellReader : null;
        readerAsked = false;
        return tell;
    }

    private Runnable takeWriter() {
        notifyAll();
        Runnable tell = writerAsked ? tellWriter : null;
        writerAsked = false;
        return tell;
    }

    private static void run(Runnable tell) {
        if (tell != null) {
            tell.run();
        }
    }

    synchronized boolean readable() {
        return put > taken || ended;
    }

    synchronized boolean writable() {
        return put - taken < bytes.length;
    }

    synchronized boolean askReadable() {
        readerAsked = !readable();
        return !readerAsked;
    }

    synchronized boolean askWritable() {
        writerAsked = !writable();
        return !writerAsked;
    }

    synchronized int available() {
        return (int) (put - taken);
    }

    /** Until something changes; spuriously at times. */
    synchronized void awaitChange(boolean forReader) throws InterruptedException {
        if (!(forReader ? readable() : writable())) {
            wait(20);
        }
    }
}
