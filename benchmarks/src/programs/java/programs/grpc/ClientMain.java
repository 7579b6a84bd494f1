package programs.grpc;

import io.grpc.CallOptions;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import programs.Payload;
import programs.Worker;

/** Has payloads echoed, or streamed. */
public final class ClientMain {
    private static final int MOST_BYTES = 256 << 20;
    private static final int STREAM_MESSAGE_BYTES = 32 * 1024;
    private static final int LIMIT_S = 60;

    private final ManagedChannel channel;

    private ClientMain(ManagedChannel channel) {
        this.channel = channel;
    }

    /** The argument is the server's port. */
    public static void main(String[] args) {
        Worker.drive(new ClientMain(NettyChannelBuilder.forAddress("127.0.0.1", Integer.parseInt(args[0]))
                .usePlaintext()
                .maxInboundMessageSize(MOST_BYTES)
                .build())::transfer);
    }

    private long transfer(String kind, int sizeBytes, int sequence) throws IOException {
        if (kind.equals("until-lost")) {
            untilLost();
            return 0;
        }
        Payload payload = new Payload(sizeBytes, sequence);
        CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(LIMIT_S, TimeUnit.SECONDS);
        if (kind.equals("echo")) {
            payload.check(ClientCalls.blockingUnaryCall(channel, Methods.ECHO, options, payload.toBytes()));
            return 2L * sizeBytes;
        }
        byte[] request = (sizeBytes + "/" + sequence + "/" + STREAM_MESSAGE_BYTES).getBytes(StandardCharsets.US_ASCII);
        try (OutputStream received = payload.comparing()) {
            Iterator<byte[]> answers =
                    ClientCalls.blockingServerStreamingCall(channel, Methods.DOWNLOAD, options, request);
            while (answers.hasNext()) {
                received.write(answers.next());
            }
        }
        return sizeBytes;
    }

    /** Does nothing with the connection, and waits until gRPC finds out that it has none. */
    private void untilLost() throws IOException {
        if (channel.getState(false) != ConnectivityState.READY) {
            throw new IOException("there is no connection");
        }
        CountDownLatch lost = new CountDownLatch(1);
        channel.notifyWhenStateChanged(ConnectivityState.READY, lost::countDown);
        try {
            if (!lost.await(LIMIT_S, TimeUnit.SECONDS)) {
                throw new IOException("the connection still seems to live");
            }
        } catch (InterruptedException e) {
            throw new InterruptedIOException();
        }
    }
}
