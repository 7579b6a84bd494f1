package org.xenvmc.migration.cost;

import java.lang.management.ManagementFactory;
import javax.management.JMException;
import javax.management.ObjectName;

/** Needs java.management: callers catch the LinkageError of a runtime that has none. */
final class HeapQuestion {
    private HeapQuestion() {}

    /** What {@code jcmd GC.heap_info} prints; empty where the JVM has no such command. */
    static String ask() {
        try {
            ObjectName commands = new ObjectName("com.sun.management:type=DiagnosticCommand");
            return (String) ManagementFactory.getPlatformMBeanServer().invoke(commands, "gcHeapInfo", null, null);
        } catch (JMException e) {
            return "";
        }
    }
}
