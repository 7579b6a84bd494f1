package org.xenvmc.shm.connection;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The ports on which this VM listens, and what the others are told of them. A port without a listener stays published while
 * connections that it accepted are there. Except where said, called by the manager's thread.
 */
final class ListeningPorts {
    private final ShmConnectionManager manager;
    private final Map<Integer, Integer> listeners = new HashMap<>();
    /** Ports without a listener that still have accepted connections. */
    private final Set<Integer> kept = ConcurrentHashMap.newKeySet();

    private final Map<Integer, AtomicInteger> accepted = new ConcurrentHashMap<>();

    ListeningPorts(ShmConnectionManager manager) {
        this.manager = manager;
    }

    /** A connection was accepted. Called by any thread. */
    void accepted(int port) {
        accepted.computeIfAbsent(port, p -> new AtomicInteger()).incrementAndGet();
    }

    /** An accepted connection ended. Called by any thread. */
    void acceptedEnded(int port) {
        if (accepted.get(port).decrementAndGet() == 0 && kept.contains(port)) {
            manager.execute(() -> withdrawUnused(port));
        }
    }

    /** There is one listener more. */
    void opened(int port) {
        boolean first = listeners.merge(port, 1, Integer::sum) == 1;
        boolean published = kept.remove(port);
        if (manager.membership() != null && first && !published) {
            publish(port);
        }
    }

    /** There is one listener less. */
    void closed(int port) {
        int left = listeners.merge(port, -1, Integer::sum);
        if (left <= 0) {
            kept.add(port); // a listener that closes after accepting must not hide its connections
            withdrawUnused(port);
        }
    }

    private boolean inUse(int port) {
        AtomicInteger n = accepted.get(port);
        return n != null && n.get() > 0;
    }

    private void withdrawUnused(int port) {
        if (kept.contains(port) && !inUse(port)) {
            kept.remove(port);
            listeners.remove(port);
            if (manager.membership() != null) {
                manager.membership().publishPort(port, false);
            }
        }
    }

    /** This VM has joined a host. */
    void publishAll() {
        listeners.keySet().forEach(this::publish);
    }

    private void publish(int port) {
        manager.membership().publishPort(port, true);
        tellPeers(port);
    }

    /** Has the connecting ends consider their connections again. */
    void tellPeers() {
        listeners.keySet().forEach(this::tellPeers);
    }

    private void tellPeers(int port) {
        for (Vm vm : manager.table().all()) {
            tell(vm, port);
        }
    }

    /** Tells a VM of every port. */
    void tell(Vm vm) {
        listeners.keySet().forEach(port -> tell(vm, port));
    }

    private void tell(Vm vm, int port) {
        vm.send(Message.PORT, manager.message().small(port).done());
    }
}
