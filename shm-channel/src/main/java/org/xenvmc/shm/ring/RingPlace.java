package org.xenvmc.shm.ring;

import org.xenvmc.shm.provider.Mapping;
import org.xenvmc.transport.spi.AsymmetricFence;

/**
 * Everything that a ring end needs of its surroundings.
 *
 * @param mapping the shared memory
 * @param offset where the ring begins in it, a multiple of a page
 * @param capacity bytes of data, a power of two
 * @param spinWait how this end waits; not shared with another end
 * @param fence between publishing and looking for somebody who waits
 * @param signalPeer signals the connection at the other end (its selector or virtual thread)
 * @param onRelease called once, when this end will not touch the memory any more
 */
public record RingPlace(
        Mapping mapping,
        int offset,
        int capacity,
        SpinWait spinWait,
        AsymmetricFence fence,
        Runnable signalPeer,
        Runnable onRelease) {}
