package org.xenvmc.migration.vmdemo;

import org.xenvmc.migration.vm.GuestTraffic;

/**
 * What had gone through the connection at a time, both directions together.
 *
 * @param seconds since the beginning of the timeline
 * @param memoryBytes bytes that went through shared memory so far
 * @param tcpBytes bytes that went over TCP so far
 */
record Sample(double seconds, long memoryBytes, long tcpBytes) {
    static Sample of(double seconds, GuestTraffic t) {
        return new Sample(seconds, t.sentByMemory() + t.receivedByMemory(), t.sentByTcp() + t.receivedByTcp());
    }
}
