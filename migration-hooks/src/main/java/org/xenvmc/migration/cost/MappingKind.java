package org.xenvmc.migration.cost;

/** What a mapping of a process is for. */
public enum MappingKind {
    /** The Java heap. */
    HEAP,
    /** The host's shared memory: rings, mailboxes and tables, which are not part of what a migration sends. */
    SHARED_MEMORY,
    /**
     * Everything else: stacks, memory outside of the heap, the JVM's own. With the heap, where the JVM does not say
     * where that is.
     */
    REST
}
