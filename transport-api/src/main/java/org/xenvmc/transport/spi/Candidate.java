package org.xenvmc.transport.spi;

import org.xenvmc.transport.HostStatus;

/**
 * A VM of the host, seen as a possible other end of a connection.
 *
 * @param vm the VM
 * @param reach whether it may be the other end
 */
public record Candidate(HostStatus.VmEntry vm, Reach reach) {}
