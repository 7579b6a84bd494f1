package org.xenvmc.bench.worker;

import java.io.IOException;

/** Keeps one processor busy until standard input ends. */
public final class BusyMain {
    private static volatile long sink;

    private BusyMain() {}

    /** Entry point; writes one byte when it is busy. */
    public static void main(String[] args) throws IOException {
        Thread busy = new Thread(BusyMain::compute, "busy");
        busy.setDaemon(true);
        busy.start();
        System.out.write('.');
        System.out.flush();
        while (System.in.read() >= 0) {
            // nothing is expected; the end of the input is the sign to go
        }
    }

    private static void compute() {
        long x = System.nanoTime();
        while (true) {
            for (int i = 0; i < 1_000_000; i++) {
                x = x * 6364136223846793005L + 1442695040888963407L;
            }
            sink = x;
        }
    }
}
