package org.xenvmc.transport;

import java.net.InetSocketAddress;
import java.util.Properties;

/**
 * Configuration of one VM. Fluent: every setter returns the context itself; the first use by a {@link VmcSelectorProvider}
 * validates it once with {@link #conclude()}, after which it does not change any more, except for the kill switch.
 *
 * <p>Each value has a system property, read by {@link #fromSystemProperties()}; sizes take the suffixes k, m, g.
 */
public final class VmcContext {
    /** Master switch at start: {@code true} or {@code false}. */
    public static final String ENABLED_PROPERTY = "xenvmc.enabled";
    /** Directory that stands for the host; all VMs (processes) that name the same one share memory. */
    public static final String HOST_DIRECTORY_PROPERTY = "xenvmc.host.dir";
    /** Label of the network that gives private addresses their meaning; default: the network namespace. */
    public static final String NETWORK_PROPERTY = "xenvmc.network";
    /** Rules for connections that may use shared memory; empty: all. See {@link AccessRules}. */
    public static final String ALLOW_PROPERTY = "xenvmc.allow";
    /** Rules for connections that may not; they win over allow. */
    public static final String DENY_PROPERTY = "xenvmc.deny";
    /** Largest ring in bytes, a power of two. */
    public static final String RING_MAX_PROPERTY = "xenvmc.ring.max";
    /** Smallest ring in bytes, a power of two; rings shrink towards it as the budget is used up. */
    public static final String RING_MIN_PROPERTY = "xenvmc.ring.min";
    /** Most bytes of shared memory that this VM grants in all. */
    public static final String BUDGET_PROPERTY = "xenvmc.memory.budget";
    /** Most connections in this VM's table. */
    public static final String CONNECTIONS_PROPERTY = "xenvmc.connections.max";
    /** Reads and writes after which an upgrade is offered. */
    public static final String AFTER_OPERATIONS_PROPERTY = "xenvmc.upgrade.after.operations";
    /** Bytes (both directions) after which an upgrade is offered. */
    public static final String AFTER_BYTES_PROPERTY = "xenvmc.upgrade.after.bytes";
    /** {@link WaitStrategy}, in lower case. */
    public static final String WAIT_PROPERTY = "xenvmc.wait";
    /** Longest adaptive spin in nanoseconds. */
    public static final String SPIN_PROPERTY = "xenvmc.spin.ns";
    /** Longest time in milliseconds that an offer waits for its answer. */
    public static final String OFFER_LIMIT_PROPERTY = "xenvmc.offer.limit.ms";
    /** Longest time in milliseconds that a switch waits for the peer. */
    public static final String SWITCH_LIMIT_PROPERTY = "xenvmc.switch.limit.ms";
    /** Whether the VM is shown in JMX, see {@link org.xenvmc.transport.metrics.TransportManagement}. */
    public static final String JMX_PROPERTY = "xenvmc.jmx";
    /** Who tells this VM of migrations, such as {@code control,google}; empty: nobody. See docs/migration.md. */
    public static final String MIGRATION_SOURCES_PROPERTY = "xenvmc.migration.sources";

    /** Default of {@link #RING_MAX_PROPERTY}. */
    public static final int RING_MAX_DEFAULT = 256 * 1024;
    /** Default of {@link #RING_MIN_PROPERTY}. */
    public static final int RING_MIN_DEFAULT = 16 * 1024;
    /** Default of {@link #BUDGET_PROPERTY}; never more than half of the free space of the host directory. */
    public static final long BUDGET_DEFAULT = 2L << 30;
    /** Default of {@link #CONNECTIONS_PROPERTY}, and its maximum. */
    public static final int CONNECTIONS_DEFAULT = 65536;
    /** Default of {@link #AFTER_OPERATIONS_PROPERTY}. */
    public static final int AFTER_OPERATIONS_DEFAULT = 4;
    /** Default of {@link #AFTER_BYTES_PROPERTY}. */
    public static final long AFTER_BYTES_DEFAULT = 32 * 1024;
    /** Default of {@link #SPIN_PROPERTY}. */
    public static final long SPIN_NS_DEFAULT = 50_000;
    /** Default of {@link #OFFER_LIMIT_PROPERTY}. */
    public static final long OFFER_LIMIT_MS_DEFAULT = 5_000;
    /** Default of {@link #SWITCH_LIMIT_PROPERTY}. */
    public static final long SWITCH_LIMIT_MS_DEFAULT = 5_000;

    private boolean enabled = true;
    private String hostDirectory = "/dev/shm/xenvmc-" + System.getProperty("user.name");
    private String network = "";
    private String allow = "";
    private String deny = "";
    private int ringMaxBytes = RING_MAX_DEFAULT;
    private int ringMinBytes = RING_MIN_DEFAULT;
    private long budgetBytes = BUDGET_DEFAULT;
    private int maxConnections = CONNECTIONS_DEFAULT;
    private int upgradeAfterOperations = AFTER_OPERATIONS_DEFAULT;
    private long upgradeAfterBytes = AFTER_BYTES_DEFAULT;
    private WaitStrategy waitStrategy = WaitStrategy.ADAPTIVE;
    private long spinNs = SPIN_NS_DEFAULT;
    private long offerLimitMs = OFFER_LIMIT_MS_DEFAULT;
    private long switchLimitMs = SWITCH_LIMIT_MS_DEFAULT;
    private boolean jmx;
    private String migrationSources = "";

    private boolean concluded;
    private AccessRules allowRules;
    private AccessRules denyRules;

    /** A context with the defaults. */
    public VmcContext() {}

    /** A context with the values of the system properties where they are set. */
    public static VmcContext fromSystemProperties() {
        return fromProperties(System.getProperties());
    }

    /**
     * A context with the given values.
     *
     * @throws IllegalArgumentException naming the property that cannot be read
     */
    public static VmcContext fromProperties(Properties p) {
        VmcContext c = new VmcContext();
        PropertyReader r = new PropertyReader(p);
        r.text(ENABLED_PROPERTY, v -> c.enabled(r.bool(ENABLED_PROPERTY, v)));
        r.text(HOST_DIRECTORY_PROPERTY, c::hostDirectory);
        r.text(NETWORK_PROPERTY, c::network);
        r.text(ALLOW_PROPERTY, c::allow);
        r.text(DENY_PROPERTY, c::deny);
        r.size(RING_MAX_PROPERTY, v -> c.ringMaxBytes(Math.toIntExact(v)));
        r.size(RING_MIN_PROPERTY, v -> c.ringMinBytes(Math.toIntExact(v)));
        r.size(BUDGET_PROPERTY, c::budgetBytes);
        r.size(CONNECTIONS_PROPERTY, v -> c.maxConnections(Math.toIntExact(v)));
        r.size(AFTER_OPERATIONS_PROPERTY, v -> c.upgradeAfterOperations(Math.toIntExact(v)));
        r.size(AFTER_BYTES_PROPERTY, c::upgradeAfterBytes);
        r.text(WAIT_PROPERTY, v -> c.waitStrategy(r.choice(WAIT_PROPERTY, v, WaitStrategy.class)));
        r.size(SPIN_PROPERTY, c::spinNs);
        r.size(OFFER_LIMIT_PROPERTY, c::offerLimitMs);
        r.size(SWITCH_LIMIT_PROPERTY, c::switchLimitMs);
        r.text(JMX_PROPERTY, v -> c.jmx(r.bool(JMX_PROPERTY, v)));
        r.text(MIGRATION_SOURCES_PROPERTY, c::migrationSources);
        return c;
    }

    /**
     * Checks all values, once. Does no I/O.
     *
     * @return this
     * @throws IllegalArgumentException naming the value, what it is and what it may be
     */
    public synchronized VmcContext conclude() {
        if (concluded) {
            return this;
        }
        powerOfTwo(RING_MIN_PROPERTY, ringMinBytes, 4096, 1 << 24);
        powerOfTwo(RING_MAX_PROPERTY, ringMaxBytes, ringMinBytes, 1 << 26);
        range(BUDGET_PROPERTY, budgetBytes, 0, Long.MAX_VALUE);
        range(CONNECTIONS_PROPERTY, maxConnections, 1, CONNECTIONS_DEFAULT);
        range(AFTER_OPERATIONS_PROPERTY, upgradeAfterOperations, 0, Integer.MAX_VALUE);
        range(AFTER_BYTES_PROPERTY, upgradeAfterBytes, 0, Long.MAX_VALUE);
        range(SPIN_PROPERTY, spinNs, 0, 1_000_000_000L);
        range(OFFER_LIMIT_PROPERTY, offerLimitMs, 1, 3_600_000);
        range(SWITCH_LIMIT_PROPERTY, switchLimitMs, 1, 3_600_000);
        allowRules = AccessRules.parse(allow);
        denyRules = AccessRules.parse(deny);
        concluded = true;
        return this;
    }

    private static void powerOfTwo(String name, long value, long min, long max) {
        range(name, value, min, max);
        if (Long.bitCount(value) != 1) {
            throw new IllegalArgumentException(name + "=" + value + " is not a power of two");
        }
    }

    private static void range(String name, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + "=" + value + " is not between " + min + " and " + max);
        }
    }

    private VmcContext change() {
        if (concluded) {
            throw new IllegalStateException("this context is in use; set values before the provider is made");
        }
        return this;
    }

    /** Whether the rules permit shared memory between these two ends. Only after {@link #conclude()}. */
    public boolean permits(InetSocketAddress local, InetSocketAddress remote) {
        return !denyRules.matches(local, remote) && (allowRules.isEmpty() || allowRules.matches(local, remote));
    }

    /** See {@link #ENABLED_PROPERTY}: the value at start. */
    public boolean enabled() {
        return enabled;
    }

    /** Sets {@link #ENABLED_PROPERTY}. */
    public VmcContext enabled(boolean value) {
        change().enabled = value;
        return this;
    }

    /** See {@link #HOST_DIRECTORY_PROPERTY}. */
    public String hostDirectory() {
        return hostDirectory;
    }

    /** Sets {@link #HOST_DIRECTORY_PROPERTY}. */
    public VmcContext hostDirectory(String value) {
        change().hostDirectory = value;
        return this;
    }

    /** See {@link #NETWORK_PROPERTY}. */
    public String network() {
        return network;
    }

    /** Sets {@link #NETWORK_PROPERTY}. */
    public VmcContext network(String value) {
        change().network = value;
        return this;
    }

    /** See {@link #ALLOW_PROPERTY}. */
    public String allow() {
        return allow;
    }

    /** Sets {@link #ALLOW_PROPERTY}. */
    public VmcContext allow(String value) {
        change().allow = value;
        return this;
    }

    /** See {@link #DENY_PROPERTY}. */
    public String deny() {
        return deny;
    }

    /** Sets {@link #DENY_PROPERTY}. */
    public VmcContext deny(String value) {
        change().deny = value;
        return this;
    }

    /** See {@link #RING_MAX_PROPERTY}. */
    public int ringMaxBytes() {
        return ringMaxBytes;
    }

    /** Sets {@link #RING_MAX_PROPERTY}. */
    public VmcContext ringMaxBytes(int value) {
        change().ringMaxBytes = value;
        return this;
    }

    /** See {@link #RING_MIN_PROPERTY}. */
    public int ringMinBytes() {
        return ringMinBytes;
    }

    /** Sets {@link #RING_MIN_PROPERTY}. */
    public VmcContext ringMinBytes(int value) {
        change().ringMinBytes = value;
        return this;
    }

    /** See {@link #BUDGET_PROPERTY}. */
    public long budgetBytes() {
        return budgetBytes;
    }

    /** Sets {@link #BUDGET_PROPERTY}. */
    public VmcContext budgetBytes(long value) {
        change().budgetBytes = value;
        return this;
    }

    /** See {@link #CONNECTIONS_PROPERTY}. */
    public int maxConnections() {
        return maxConnections;
    }

    /** Sets {@link #CONNECTIONS_PROPERTY}. */
    public VmcContext maxConnections(int value) {
        change().maxConnections = value;
        return this;
    }

    /** See {@link #AFTER_OPERATIONS_PROPERTY}. */
    public int upgradeAfterOperations() {
        return upgradeAfterOperations;
    }

    /** Sets {@link #AFTER_OPERATIONS_PROPERTY}. */
    public VmcContext upgradeAfterOperations(int value) {
        change().upgradeAfterOperations = value;
        return this;
    }

    /** See {@link #AFTER_BYTES_PROPERTY}. */
    public long upgradeAfterBytes() {
        return upgradeAfterBytes;
    }

    /** Sets {@link #AFTER_BYTES_PROPERTY}. */
    public VmcContext upgradeAfterBytes(long value) {
        change().upgradeAfterBytes = value;
        return this;
    }

    /** See {@link #WAIT_PROPERTY}. */
    public WaitStrategy waitStrategy() {
        return waitStrategy;
    }

    /** Sets {@link #WAIT_PROPERTY}. */
    public VmcContext waitStrategy(WaitStrategy value) {
        change().waitStrategy = value;
        return this;
    }

    /** See {@link #SPIN_PROPERTY}. */
    public long spinNs() {
        return spinNs;
    }

    /** Sets {@link #SPIN_PROPERTY}. */
    public VmcContext spinNs(long value) {
        change().spinNs = value;
        return this;
    }

    /** See {@link #OFFER_LIMIT_PROPERTY}. */
    public long offerLimitMs() {
        return offerLimitMs;
    }

    /** Sets {@link #OFFER_LIMIT_PROPERTY}. */
    public VmcContext offerLimitMs(long value) {
        change().offerLimitMs = value;
        return this;
    }

    /** See {@link #SWITCH_LIMIT_PROPERTY}. */
    public long switchLimitMs() {
        return switchLimitMs;
    }

    /** Sets {@link #SWITCH_LIMIT_PROPERTY}. */
    public VmcContext switchLimitMs(long value) {
        change().switchLimitMs = value;
        return this;
    }

    /** See {@link #JMX_PROPERTY}. */
    public boolean jmx() {
        return jmx;
    }

    /** Sets {@link #JMX_PROPERTY}. */
    public VmcContext jmx(boolean value) {
        change().jmx = value;
        return this;
    }

    /** See {@link #MIGRATION_SOURCES_PROPERTY}. */
    public String migrationSources() {
        return migrationSources;
    }

    /** Sets {@link #MIGRATION_SOURCES_PROPERTY}. */
    public VmcContext migrationSources(String value) {
        change().migrationSources = value;
        return this;
    }
}
