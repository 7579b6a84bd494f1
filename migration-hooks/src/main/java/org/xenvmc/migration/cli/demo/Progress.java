package org.xenvmc.migration.cli.demo;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * What is going on, on one line that changes, or on a line now and then where nobody can see it change. Thread-safe.
 */
final class Progress {
    private static final long PLAIN_INTERVAL_NS = TimeUnit.SECONDS.toNanos(2);
    /** A line that is wrapped cannot be written again. */
    private static final int MOST_CHARS = 79;

    private static final String BACK = "\r";
    private static final String CLEAR_REST = "\u001b[K";

    private final PrintWriter out;
    private final boolean interactive;
    private final long startNs = System.nanoTime();
    private String stage = "";
    private long lastPlainNs;

    Progress(PrintWriter out, boolean interactive) {
        this.out = out;
        this.interactive = interactive;
    }

    /** Something new begins. */
    synchronized void stage(String what) {
        stage = what;
        if (interactive) {
            show("");
        } else {
            plain("");
        }
    }

    /** How far it is. */
    synchronized void update(String detail) {
        if (interactive) {
            show(": " + detail);
        } else if (System.nanoTime() - lastPlainNs >= PLAIN_INTERVAL_NS) {
            plain(": " + detail);
        }
    }

    private void show(String detail) {
        String line = line(detail);
        out.print(BACK + line.substring(0, Math.min(MOST_CHARS, line.length())) + CLEAR_REST);
        out.flush();
    }

    private void plain(String detail) {
        lastPlainNs = System.nanoTime();
        out.println(line(detail));
        out.flush();
    }

    private String line(String detail) {
        double seconds = (System.nanoTime() - startNs) / 1e9;
        return String.format(Locale.ROOT, "[%5.1f s] ", seconds) + stage + detail;
    }

    /** Nothing more comes: leaves the line to what is printed next. */
    synchronized void end() {
        if (interactive) {
            out.print(BACK + CLEAR_REST);
            out.flush();
        }
    }

    /** Seconds since the beginning. */
    double seconds() {
        return (System.nanoTime() - startNs) / 1e9;
    }
}
