package org.xenvmc.migration.agent;

/** Kinds of events in the journal. */
final class Events {
    static final String AGENT_STARTED = "agent-started";
    static final String AGENT_STOPPED = "agent-stopped";
    static final String VM_JOINED = "vm-joined";
    static final String VM_LEFT = "vm-left";
    static final String EPOCH = "epoch";
    static final String REGION = "region";
    static final String HOST_LOST = "host-lost";
    static final String SWITCH = "switch";
    static final String HOOK = "hook";
    static final String STEP = "migration-step";
    static final String MIGRATION = "migration";
    static final String GAP = "events-lost";

    private Events() {}
}
