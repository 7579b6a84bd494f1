package org.xenvmc.migration.world;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.function.Function;

/** The worlds that every contract is tested in. {@code -Dxenvmc.test.worlds=JDK_IPV4,SHARED_IPV4} picks some. */
public enum WorldKind {
    /** The reference. */
    JDK_IPV4("127.0.0.1", JdkWorld::new),
    /** The reference over IPv6. */
    JDK_IPV6("::1", JdkWorld::new),
    /** Our channels with shared memory switched off. */
    PLAIN_IPV4("127.0.0.1", PlainWorld::new),
    /** Our channels with shared memory switched off, over IPv6. */
    PLAIN_IPV6("::1", PlainWorld::new),
    /** Shared memory, both ends in one VM. */
    SHARED_IPV4("127.0.0.1", SharedWorld::oneVm),
    /** Shared memory between two VMs of one process. */
    SHARED_TWO_VMS_IPV4("127.0.0.1", SharedWorld::twoVms),
    /** Shared memory between two VMs, over IPv6. */
    SHARED_TWO_VMS_IPV6("::1", SharedWorld::twoVms),
    /** Shared memory without interrupts: two VMs with a region of an ivshmem device between them. */
    IVSHMEM_IPV4("127.0.0.1", SharedWorld::ivshmem),
    /** TCP after an upgrade and a way back. */
    FRAMED_IPV4("127.0.0.1", FramedWorld::new),
    /** One VM with both ends, which leaves and joins its host without a pause. */
    SWITCHING_IPV4("127.0.0.1", SwitchingWorld::oneVm),
    /** Two VMs that move between two hosts without a pause. */
    MOVING_IPV6("::1", SwitchingWorld::twoVms),
    /** Two VMs that move between two ivshmem regions without a pause. */
    MOVING_IVSHMEM_IPV4("127.0.0.1", SwitchingWorld::twoRegions);

    private final String loopback;
    private final Function<InetAddress, World> factory;

    WorldKind(String loopback, Function<InetAddress, World> factory) {
        this.loopback = loopback;
        this.factory = factory;
    }

    /** Makes a world of this kind. */
    public World open() {
        try {
            InetAddress address = InetAddress.getByName(loopback);
            return World.open(() -> factory.apply(address));
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whether connections change their paths all the time, at moments that a test does not know. */
    public boolean changesPaths() {
        return this == SWITCHING_IPV4 || this == MOVING_IPV6 || this == MOVING_IVSHMEM_IPV4;
    }

    /** Whether it is tested when no kinds are asked for: the others are much like one that is. */
    public boolean always() {
        return this != MOVING_IVSHMEM_IPV4;
    }

    /** Whether these are the JDK's own channels. */
    public boolean isReference() {
        return this == JDK_IPV4 || this == JDK_IPV6;
    }
}
