package org.xenvmc.shm.connection;

import org.xenvmc.shm.provider.HostMembership;
import org.xenvmc.transport.spi.SignalPoller;

/** Polls the signals of whatever host the VM is on at the moment. */
final class ManagerPoller implements SignalPoller {
    private final ThreadLocal<SignalPoller> entered = new ThreadLocal<>();
    private volatile SignalPoller present;

    void host(HostMembership membership) {
        present = membership == null ? null : membership.signalPoller();
    }

    @Override
    public boolean worthSpinning() {
        SignalPoller p = present;
        return p != null && p.worthSpinning();
    }

    @Override
    public void enter() {
        SignalPoller p = present;
        entered.set(p); // exit must go to the same host, also when the VM moves meanwhile
        if (p != null) {
            p.enter();
        }
    }

    @Override
    public boolean poll() {
        SignalPoller p = entered.get();
        return p != null && p.poll();
    }

    @Override
    public void exit() {
        SignalPoller p = entered.get();
        entered.remove();
        if (p != null) {
            p.exit();
        }
    }
}
