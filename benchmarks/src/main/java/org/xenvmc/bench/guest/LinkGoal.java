package org.xenvmc.bench.guest;

import org.xenvmc.bench.workload.WorkloadKind;

/** Figures of a connection between two guests, and what was aimed at. */
enum LinkGoal {
    /** Request and reply of 1 byte. */
    ROUND_TRIP("rr", "round trips/s", WorkloadKind.REQUEST_RESPONSE, 1, 20),
    /** One way in writes of 64 bytes. */
    STREAM_64("stream.64", "writes/s", WorkloadKind.STREAM_SEND, 64, 5),
    /** One way in writes of 64 KiB. */
    STREAM_65536("stream.65536", "writes/s", WorkloadKind.STREAM_SEND, 64 * 1024, 4);

    private final String label;
    private final String unit;
    private final WorkloadKind workload;
    private final int sizeBytes;
    private final double ratio;

    LinkGoal(String label, String unit, WorkloadKind workload, int sizeBytes, double ratio) {
        this.label = label;
        this.unit = unit;
        this.workload = workload;
        this.sizeBytes = sizeBytes;
        this.ratio = ratio;
    }

    String label() {
        return label;
    }

    String unit() {
        return unit;
    }

    WorkloadKind workload() {
        return workload;
    }

    int sizeBytes() {
        return sizeBytes;
    }

    /** Shared memory is to be so many times as fast as virtio-net. */
    double aim() {
        return ratio;
    }

    String ours() {
        return label + ".ours";
    }

    String peer() {
        return label + ".peer";
    }

    String ratio() {
        return label + ".ratio";
    }

    String low() {
        return label + ".low";
    }

    String high() {
        return label + ".high";
    }
}
