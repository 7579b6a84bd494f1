package org.xenvmc.transport.metrics;

import java.lang.ref.WeakReference;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.ConnectionInfo.Direction;
import org.xenvmc.transport.HostStatus;
import org.xenvmc.transport.TransportStatistics;
import org.xenvmc.transport.spi.TransportEngine;

/** Answers JMX. Does not keep the engine alive: whoever forgets to take the bean away loses no memory by it. */
final class TransportBean implements TransportMXBean {
    private final WeakReference<TransportEngine> engine;

    TransportBean(TransportEngine engine) {
        this.engine = new WeakReference<>(engine);
    }

    private TransportEngine engine() {
        TransportEngine e = engine.get();
        if (e == null) {
            throw new IllegalStateException("this VM is closed and gone");
        }
        return e;
    }

    private HostStatus status() {
        return engine().hostStatus();
    }

    private TransportStatistics statistics() {
        return engine().statistics();
    }

    private Stream<Direction> directions() {
        return engine().connections().stream().flatMap(c -> Stream.of(c.sending(), c.receiving()));
    }

    @Override
    public String getHost() {
        String host = status().host();
        return host == null ? "" : host;
    }

    @Override
    public boolean isJoined() {
        return status().joined();
    }

    @Override
    public String getReason() {
        return status().reason().name();
    }

    @Override
    public List<String> getVms() {
        return status().vms().stream()
                .map(vm ->
                        "VM " + vm.id().domId() + ", " + vm.id().address() + ", process " + vm.pid() + ", " + vm.uuid())
                .collect(Collectors.toList());
    }

    @Override
    public int getConnectionCount() {
        return engine().connections().size();
    }

    @Override
    public List<ConnectionRow> getConnections() {
        List<ConnectionInfo> open = engine().connections();
        return open.stream().map(ConnectionRow::new).collect(Collectors.toList());
    }

    @Override
    public Map<String, Long> getDirectionsByPath() {
        return directions().collect(Collectors.groupingBy(d -> d.path().name(), TreeMap::new, Collectors.counting()));
    }

    @Override
    public Map<String, Long> getDirectionsByReason() {
        return directions().collect(Collectors.groupingBy(d -> d.reason().name(), TreeMap::new, Collectors.counting()));
    }

    @Override
    public long getOpenedTotal() {
        return statistics().opened();
    }

    @Override
    public long getClosedTotal() {
        return statistics().closed();
    }

    @Override
    public long getLostTotal() {
        return statistics().lost();
    }

    @Override
    public long getSentBytesTotal() {
        return statistics().sending().bytes();
    }

    @Override
    public long getSentByMemoryBytesTotal() {
        return statistics().sending().ringBytes();
    }

    @Override
    public long getReceivedBytesTotal() {
        return statistics().receiving().bytes();
    }

    @Override
    public long getReceivedByMemoryBytesTotal() {
        return statistics().receiving().ringBytes();
    }

    @Override
    public long getUpgradesTotal() {
        TransportStatistics s = statistics();
        return s.sending().upgrades() + s.receiving().upgrades();
    }

    @Override
    public long getDowngradesTotal() {
        TransportStatistics s = statistics();
        return s.sending().downgrades() + s.receiving().downgrades();
    }

    @Override
    public long getSleepsTotal() {
        TransportStatistics s = statistics();
        return s.sending().sleeps() + s.receiving().sleeps();
    }

    @Override
    public long getWakeUpsTotal() {
        TransportStatistics s = statistics();
        return s.sending().wakeUps() + s.receiving().wakeUps();
    }

    @Override
    public Map<String, Long> getRefusalsTotal() {
        Map<String, Long> refusals = new TreeMap<>();
        statistics().refusals().forEach((reason, n) -> refusals.put(reason.name(), n));
        return refusals;
    }

    @Override
    public void switchOn() {
        engine().setEnabled(true);
    }

    @Override
    public void switchOff() {
        engine().setEnabled(false);
    }
}
