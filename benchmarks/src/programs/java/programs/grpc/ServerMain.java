package programs.grpc;

import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import programs.Payload;
import programs.Worker;

/** A service that echoes, and that streams payloads. */
public final class ServerMain {
    private static final int MOST_BYTES = 256 << 20;

    private ServerMain() {}

    /** No arguments. */
    public static void main(String[] args) throws IOException {
        Server server = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
                .maxInboundMessageSize(MOST_BYTES)
                .addService(ServerServiceDefinition.builder(Methods.SERVICE)
                        .addMethod(Methods.ECHO, ServerCalls.asyncUnaryCall(ServerMain::echo))
                        .addMethod(Methods.DOWNLOAD, ServerCalls.asyncServerStreamingCall(ServerMain::download))
                        .build())
                .build()
                .start();
        Worker.serve(server.getPort());
    }

    private static void echo(byte[] request, StreamObserver<byte[]> answers) {
        answers.onNext(request);
        answers.onCompleted();
    }

    private static void download(byte[] request, StreamObserver<byte[]> answers) {
        String[] wanted = new String(request, StandardCharsets.US_ASCII).split("/");
        InputStream payload = new Payload(Integer.parseInt(wanted[0]), Integer.parseInt(wanted[1])).open();
        int messageBytes = Integer.parseInt(wanted[2]);
        ServerCallStreamObserver<byte[]> flow = (ServerCallStreamObserver<byte[]>) answers;
        boolean[] over = new boolean[1];
        flow.setOnReadyHandler(() -> {
            while (flow.isReady() && !over[0]) {
                byte[] message = next(payload, messageBytes);
                if (message.length > 0) {
                    flow.onNext(message);
                } else {
                    over[0] = true;
                    flow.onCompleted();
                }
            }
        });
    }

    private static byte[] next(InputStream payload, int bytes) {
        try {
            return payload.readNBytes(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
