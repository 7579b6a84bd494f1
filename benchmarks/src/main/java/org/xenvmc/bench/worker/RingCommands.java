package org.xenvmc.bench.worker;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import org.xenvmc.bench.protocol.Message;
import org.xenvmc.bench.ring.AgronaLink;
import org.xenvmc.bench.ring.OurLink;
import org.xenvmc.bench.ring.RingFile;
import org.xenvmc.bench.ring.RingKind;
import org.xenvmc.bench.ring.RingLink;
import org.xenvmc.bench.ring.RingStream;
import org.xenvmc.bench.workload.WorkloadArguments;

/** The commands of a worker that measures a ring without the socket API. */
final class RingCommands {
    private RingStream stream;

    void register(Map<String, WorkerMain.Command> commands) {
        commands.put("ring.receiver", m -> open(m, true));
        commands.put("ring.sender", m -> open(m, false));
        commands.put("ring.drive", this::drive);
        commands.put("ring.serve", this::serve);
    }

    private Message open(Message message, boolean receiver) throws IOException {
        int capacityBytes = Math.toIntExact(message.number("capacityBytes"));
        RingKind kind = RingKind.valueOf(message.text("kind"));
        int ringBytes = kind == RingKind.OURS ? OurLink.ringBytes(capacityBytes) : AgronaLink.ringBytes(capacityBytes);
        RingFile file = RingFile.map(Path.of(message.text("file")), ringBytes);
        int blockBytes = Math.toIntExact(message.number(WorkloadArguments.SIZE_BYTES));
        RingLink link = kind == RingKind.OURS
                ? ourLink(file.ring(), capacityBytes, receiver)
                : AgronaLink.open(file.ring(), capacityBytes, blockBytes);
        stream = new RingStream(file, link);
        return Message.ok();
    }

    private static RingLink ourLink(ByteBuffer memory, int capacityBytes, boolean receiver) {
        if (!receiver) {
            return OurLink.sender(memory, capacityBytes);
        }
        // the receiver comes first
        OurLink.initialise(memory, capacityBytes);
        return OurLink.receiver(memory, capacityBytes);
    }

    private Message drive(Message message) throws IOException {
        return Message.ok().withAll(stream.drive(WorkloadArguments.of(message)).fields());
    }

    private Message serve(Message message) throws IOException {
        return Message.ok().withAll(stream.serve().fields());
    }
}
