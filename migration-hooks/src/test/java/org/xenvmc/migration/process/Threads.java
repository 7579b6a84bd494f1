package org.xenvmc.migration.process;

import java.util.Arrays;
import java.util.stream.Collectors;

/** Threads of test programs. */
final class Threads {
    private Threads() {}

    /** Work that may fail; what it throws is printed. */
    @FunctionalInterface
    interface Work {
        /** Does it. */
        void run() throws Exception;
    }

    static Thread daemon(String name, Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (Exception | AssertionError e) {
                        System.err.println(Thread.currentThread().getName() + ": " + e);
                        e.printStackTrace();
                    }
                },
                "test-" + name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /** The stacks of all threads of this process, for the report of a test that hangs. */
    private static String dump() {
        return Thread.getAllStackTraces().entrySet().stream()
                .map(e -> "\n\"" + e.getKey().getName() + "\" " + e.getKey().getState() + "\n    at "
                        + Arrays.stream(e.getValue())
                                .map(StackTraceElement::toString)
                                .collect(Collectors.joining("\n    at ")))
                .collect(Collectors.joining("\n"));
    }

    static String dumpToError(String title) {
        System.err.println("threads of " + title + ":" + dump());
        return "written to the standard error output";
    }
}
