package org.xenvmc.transport.spi;

import java.lang.invoke.VarHandle;

/**
 * A full fence between a store and a load, needed by both of two parties, in two halves of unequal weight: the one that is run
 * often costs nothing, and the one that is run seldom makes up for it, by having every processor that runs a party
 * execute a fence (membarrier(2)).
 *
 * <p>Two threads that each store and then load, one with {@link #light} and one with {@link #heavy} in between, cannot both miss
 * the other's store. Two light ones can.
 */
public final class AsymmetricFence {
    /** Both halves are full fences: always right. */
    public static final AsymmetricFence SYMMETRIC = new AsymmetricFence(null);

    private final Runnable barrier;

    private AsymmetricFence(Runnable barrier) {
        this.barrier = barrier;
    }

    /**
     * An asymmetric fence.
     *
     * @param barrier returns when each running thread of each party's process has executed a full fence since the call
     */
    public static AsymmetricFence of(Runnable barrier) {
        return new AsymmetricFence(barrier);
    }

    /** Whether the light half is lighter than a full fence. */
    public boolean asymmetric() {
        return barrier != null;
    }

    /** The half for the path that must be fast: orders the compiler, and not the processor, when it is asymmetric. */
    public void light() {
        if (barrier == null) {
            VarHandle.fullFence();
        } else {
            VarHandle.releaseFence();
            VarHandle.acquireFence();
        }
    }

    /** The other half: up to tens of microseconds. */
    public void heavy() {
        VarHandle.fullFence();
        if (barrier != null) {
            barrier.run();
        }
    }
}
