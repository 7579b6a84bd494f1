package org.xenvmc.bench.workload;

import java.util.function.Supplier;

/** The workloads by name, as a command names them. */
public enum WorkloadKind {
    /** {@link RequestResponse}. */
    REQUEST_RESPONSE(RequestResponse::new),
    /** {@link SparseRequestResponse}. */
    SPARSE_REQUEST_RESPONSE(SparseRequestResponse::new),
    /** {@link SelectorRequestResponse}. */
    SELECTOR_REQUEST_RESPONSE(SelectorRequestResponse::new),
    /** {@link StreamSend}. */
    STREAM_SEND(StreamSend::new),
    /** {@link ConnectRequestResponse}. */
    CONNECT_REQUEST_RESPONSE(ConnectRequestResponse::new),
    /** {@link IdleConnection}. */
    IDLE_CONNECTION(IdleConnection::new),
    /** {@link SwitchPauses}. */
    SWITCH_PAUSES(SwitchPauses::new);

    private final Supplier<Workload> maker;

    WorkloadKind(Supplier<Workload> maker) {
        this.maker = maker;
    }

    /** A new workload of this kind. */
    public Workload create() {
        return maker.get();
    }
}
