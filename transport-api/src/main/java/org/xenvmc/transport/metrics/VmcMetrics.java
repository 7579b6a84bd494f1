package org.xenvmc.transport.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.xenvmc.transport.Path;
import org.xenvmc.transport.ReasonCode;
import org.xenvmc.transport.TransportStatistics;
import org.xenvmc.transport.TransportStatistics.Totals;
import org.xenvmc.transport.VmcSelectorProvider;
import org.xenvmc.transport.metrics.Snapshots.OpenDirections;
import org.xenvmc.transport.metrics.Snapshots.Snapshot;
import org.xenvmc.transport.spi.TransportEngine;

/**
 * Counters of one VM for Micrometer, which the application brings itself: {@code new VmcMetrics(provider).bindTo(registry)}.
 *
 * <p>Everything is read when the registry asks, at most once a second; between that it costs nothing. The names of the meters
 * are listed in docs/observability.md. The registry keeps the engine alive. Thread-safe.
 */
public final class VmcMetrics implements MeterBinder {
    private final Snapshots snapshots;
    private final Tags tags;

    /** Counters of a provider's VM. Makes its engine if nothing needed that before. */
    public VmcMetrics(VmcSelectorProvider provider) {
        this(provider.engine(), Tags.empty());
    }

    /**
     * Counters of a VM.
     *
     * @param tags added to each meter, to tell several VMs of one process apart
     */
    public VmcMetrics(TransportEngine engine, Iterable<Tag> tags) {
        this.snapshots = new Snapshots(Objects.requireNonNull(engine, "engine"));
        this.tags = Tags.of(tags);
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        new Binding(registry).all();
    }

    private final class Binding {
        private final MeterRegistry registry;

        Binding(MeterRegistry registry) {
            this.registry = registry;
        }

        void all() {
            gauge(
                    "xenvmc.joined",
                    "1 when this VM has joined a host",
                    null,
                    tags,
                    s -> s.host().joined() ? 1 : 0);
            gauge("xenvmc.host.vms", "VMs of the host, this one included", null, tags, s -> s.host()
                    .vms()
                    .size());
            statistics("xenvmc.connections.opened", "Connections opened or accepted", TransportStatistics::opened);
            statistics("xenvmc.connections.closed", "Connections closed", TransportStatistics::closed);
            statistics("xenvmc.connections.lost", "Connections that lost bytes", TransportStatistics::lost);
            direction("sending", Snapshot::sending, TransportStatistics::sending);
            direction("receiving", Snapshot::receiving, TransportStatistics::receiving);
            for (ReasonCode reason : ReasonCode.values()) {
                if (reason.isRefusal()) {
                    refusals(reason);
                }
            }
        }

        private void refusals(ReasonCode reason) {
            counter(
                    "xenvmc.refusals",
                    "How often a connection was kept off shared memory",
                    null,
                    tags.and("reason", reason.name()),
                    s -> s.statistics().refusals().getOrDefault(reason, 0L));
        }

        private void direction(
                String name, Function<Snapshot, OpenDirections> open, Function<TransportStatistics, Totals> totals) {
            Tags own = tags.and("direction", name);
            for (Path path : Path.values()) {
                Tags onPath = own.and("path", path.name().toLowerCase(Locale.ROOT));
                gauge("xenvmc.directions", "Open directions by path", null, onPath, s -> open.apply(s)
                        .on(path));
            }
            for (ReasonCode reason : ReasonCode.values()) {
                Tags why = own.and("reason", reason.name());
                gauge("xenvmc.reasons", "Open directions by reason", null, why, s -> open.apply(s)
                        .with(reason));
            }
            gauge("xenvmc.ring.capacity", "Capacity of rings in use", BaseUnits.BYTES, own, s -> open.apply(s)
                    .ringCapacityBytes());
            gauge("xenvmc.ring.fill", "Bytes in rings", BaseUnits.BYTES, own, s -> open.apply(s)
                    .ringFillBytes());
            Function<Snapshot, Totals> all = s -> totals.apply(s.statistics());
            Tags memory = own.and("path", "shared_memory");
            counter("xenvmc.bytes", "Bytes by path", BaseUnits.BYTES, memory, s -> all.apply(s)
                    .ringBytes());
            counter(
                    "xenvmc.bytes",
                    "Bytes by path",
                    BaseUnits.BYTES,
                    own.and("path", "tcp"),
                    s -> all.apply(s).bytes() - all.apply(s).ringBytes());
            counter("xenvmc.upgrades", "Changes to shared memory", null, own, s -> all.apply(s)
                    .upgrades());
            counter("xenvmc.downgrades", "Changes to TCP", null, own, s -> all.apply(s)
                    .downgrades());
            counter("xenvmc.sleeps", "Threads that went to sleep", null, own, s -> all.apply(s)
                    .sleeps());
            counter("xenvmc.wakeups", "Wake-ups of the other end", null, own, s -> all.apply(s)
                    .wakeUps());
        }

        private void statistics(String name, String what, ToDoubleFunction<TransportStatistics> value) {
            counter(name, what, null, tags, s -> value.applyAsDouble(s.statistics()));
        }

        private void counter(String name, String what, String unit, Tags own, ToDoubleFunction<Snapshot> value) {
            FunctionCounter.builder(name, snapshots, s -> value.applyAsDouble(s.get()))
                    .description(what)
                    .baseUnit(unit)
                    .tags(own)
                    .register(registry);
        }

        private void gauge(String name, String what, String unit, Tags own, ToDoubleFunction<Snapshot> value) {
            Gauge.builder(name, snapshots, s -> value.applyAsDouble(s.get()))
                    .description(what)
                    .baseUnit(unit)
                    .tags(own)
                    .strongReference(true)
                    .register(registry);
        }
    }
}
