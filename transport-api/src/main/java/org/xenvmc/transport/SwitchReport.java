package org.xenvmc.transport;

/**
 * What happened when a VM took its connections off shared memory.
 *
 * @param connections connections that were on shared memory
 * @param moved those of them that go on over TCP
 * @param lost those of them that ended because their bytes could not be delivered in time
 * @param drainedBytes bytes taken out of rings into private memory because applications did not read
 * @param durationNs time it took, in nanoseconds
 */
public record SwitchReport(int connections, int moved, int lost, long drainedBytes, long durationNs) {}
