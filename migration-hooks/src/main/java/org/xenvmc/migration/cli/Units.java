package org.xenvmc.migration.cli;

import java.util.Locale;

/** Numbers as people read them: three significant digits and a unit. */
public final class Units {
    private static final String[] BYTES = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    private static final String[] TIMES = {"ns", "us", "ms", "s"};

    private Units() {}

    /** Bytes, in powers of 1000. */
    public static String bytes(double bytes) {
        return scaled(bytes, BYTES);
    }

    /** Bytes per second. */
    public static String bytesPerSecond(double bytesPerSecond) {
        return scaled(bytesPerSecond, BYTES) + "/s";
    }

    /** A time. */
    public static String time(double ns) {
        return scaled(ns, TIMES);
    }

    /** A memory size that is a multiple of 1024. */
    public static String kibibytes(long bytes) {
        return bytes % 1024 == 0 ? bytes / 1024 + " KiB" : bytes + " B";
    }

    /** How many times one number is the other; a dash where that makes no sense. */
    public static String ratio(double value, double than) {
        double ratio = value / than;
        return Double.isFinite(ratio) && ratio > 0 ? digits(ratio) + "x" : "-";
    }

    private static String scaled(double value, String[] units) {
        if (!Double.isFinite(value)) {
            return "-";
        }
        int unit = 0;
        double rest = value;
        while (Math.abs(rest) >= 999.5 && unit < units.length - 1) {
            rest /= 1000;
            unit++;
        }
        return (unit == 0 && rest == Math.rint(rest) ? String.valueOf((long) rest) : digits(rest)) + " " + units[unit];
    }

    private static String digits(double value) {
        double size = Math.abs(value);
        int decimals = size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }
}
