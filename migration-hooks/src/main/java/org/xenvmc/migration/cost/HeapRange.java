package org.xenvmc.migration.cost;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where the Java heap lies.
 *
 * @param start address of its first byte
 * @param end address after its last byte
 */
record HeapRange(long start, long end) {
    /**
     * Such as {@code [0x0000000700000000, 0x0000000800000000)}; some collectors name more addresses between the two.
     */
    private static final Pattern RANGE = Pattern.compile("\\[(0x[0-9a-f]{1,16}(?:, *0x[0-9a-f]{1,16})+)\\)");

    private static final Pattern ADDRESS = Pattern.compile("0x0*([0-9a-f]{1,15})\\b");

    /** Asks the JVM, whose answer depends on the collector; null when it does not say. */
    static HeapRange ofThisJvm() {
        try {
            return parse(HeapQuestion.ask());
        } catch (LinkageError | RuntimeException e) {
            return null; // a runtime without java.management, or another JVM
        }
    }

    static HeapRange parse(String text) {
        long start = Long.MAX_VALUE;
        long end = 0;
        for (Matcher range = RANGE.matcher(text); range.find(); ) {
            for (Matcher m = ADDRESS.matcher(range.group(1)); m.find(); ) {
                long address = Long.parseLong(m.group(1), 16);
                start = Math.min(start, address);
                end = Math.max(end, address);
            }
        }
        return start < end ? new HeapRange(start, end) : null;
    }

    boolean contains(long address) {
        return address >= start && address < end;
    }
}
