package org.xenvmc.transport.metrics;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Period;
import jdk.jfr.StackTrace;

/** The events of the flight recorder. Fields are read by the recorder. */
final class RecordedEvents {
    private static final String CATEGORY = "Advance-XenVMC";

    private RecordedEvents() {}

    @Name("org.xenvmc.Upgrade")
    @Label("Upgrade")
    @Description("A direction of a connection went over to shared memory")
    @Category(CATEGORY)
    @StackTrace(false)
    static final class Upgrade extends Event {
        @Label("Local Address")
        String local;

        @Label("Remote Address")
        String remote;

        @Label("Peer VM")
        String peer;

        @Label("Direction")
        String direction;

        @Label("Offset")
        @Description("Number of the first byte in shared memory")
        long offset;

        @Label("Ring Capacity")
        @DataAmount
        long ringCapacityBytes;
    }

    @Name("org.xenvmc.Downgrade")
    @Label("Downgrade")
    @Description("A direction of a connection left shared memory and goes on over TCP")
    @Category(CATEGORY)
    @StackTrace(false)
    static final class Downgrade extends Event {
        @Label("Local Address")
        String local;

        @Label("Remote Address")
        String remote;

        @Label("Peer VM")
        String peer;

        @Label("Direction")
        String direction;

        @Label("Offset")
        @Description("Number of the first byte on TCP")
        long offset;

        @Label("Bytes by Memory")
        @Description("Bytes that went through shared memory so far")
        @DataAmount
        long byMemoryBytes;

        @Label("Reason")
        String reason;

        @Label("Reason Code")
        int reasonCode;
    }

    @Name("org.xenvmc.Refused")
    @Label("Refused")
    @Description("A connection was kept off shared memory")
    @Category(CATEGORY)
    @StackTrace(false)
    static final class Refused extends Event {
        @Label("Local Address")
        String local;

        @Label("Remote Address")
        String remote;

        @Label("Reason")
        String reason;

        @Label("Reason Code")
        int reasonCode;

        @Label("Explanation")
        String explanation;
    }

    @Name("org.xenvmc.ConnectionLost")
    @Label("Connection Lost")
    @Description("A connection ended because bytes could not be delivered, or because the peer violated the protocol")
    @Category(CATEGORY)
    @StackTrace(false)
    static final class ConnectionLost extends Event {
        @Label("Local Address")
        String local;

        @Label("Remote Address")
        String remote;

        @Label("Peer VM")
        String peer;

        @Label("Offset")
        @Description("Number of the first byte that was not delivered")
        long offset;

        @Label("Reason")
        String reason;

        @Label("Reason Code")
        int reasonCode;

        @Label("Detail")
        String detail;
    }

    @Name("org.xenvmc.MigrationPhase")
    @Label("Migration Phase")
    @Description("This VM entered another phase of a migration")
    @Category(CATEGORY)
    @StackTrace(false)
    static final class MigrationPhase extends Event {
        @Label("Migration")
        String migrationId;

        @Label("From")
        String from;

        @Label("To")
        String to;

        @Label("Host")
        @Description("The host that the VM is on at that moment")
        String host;
    }

    @Name("org.xenvmc.ConnectionStatistics")
    @Label("Connection Statistics")
    @Description("What one open connection has done so far")
    @Category(CATEGORY)
    @Period("10 s")
    @StackTrace(false)
    static final class ConnectionStatistics extends Event {
        @Label("Local Address")
        String local;

        @Label("Remote Address")
        String remote;

        @Label("Peer VM")
        String peer;

        @Label("Sending Path")
        String sendingPath;

        @Label("Sending Reason")
        String sendingReason;

        @Label("Sent")
        @DataAmount
        long sentBytes;

        @Label("Sent by Memory")
        @DataAmount
        long sentByMemoryBytes;

        @Label("Sending Ring Fill")
        @DataAmount
        long sendingRingFillBytes;

        @Label("Sending Sleeps")
        long sendingSleeps;

        @Label("Sending Wake-ups")
        long sendingWakeUps;

        @Label("Receiving Path")
        String receivingPath;

        @Label("Receiving Reason")
        String receivingReason;

        @Label("Received")
        @DataAmount
        long receivedBytes;

        @Label("Received by Memory")
        @DataAmount
        long receivedByMemoryBytes;

        @Label("Receiving Ring Fill")
        @DataAmount
        long receivingRingFillBytes;

        @Label("Receiving Sleeps")
        long receivingSleeps;

        @Label("Receiving Wake-ups")
        long receivingWakeUps;
    }
}
