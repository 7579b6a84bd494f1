package org.xenvmc.migration.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.InputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.xenvmc.migration.world.SocketPair;

/** Virtual threads (JDK 21 and later). What an interrupt does to a platform thread needs the agent: see AgentLimitsTest. */
class SocketInterruptContractTest extends SocketContract {
    private static FutureTask<Void> task(ThrowingCallable operation) {
        return new FutureTask<>(() -> {
            try {
                operation.call();
            } catch (Throwable t) {
                throw new ExecutionException(t);
            }
            return null;
        });
    }

    /** Starts it, interrupts it when it is parked, and returns what it threw. */
    private static Throwable interrupted(ThrowingCallable operation) throws Exception {
        assumeTrue(Runtime.version().feature() >= 21, "virtual threads");
        FutureTask<Void> task = task(operation);
        Thread thread = (Thread)
                Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, task);
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .during(Duration.ofMillis(30))
                .until(() -> thread.getState() == Thread.State.WAITING
                        || thread.getState() == Thread.State.TIMED_WAITING
                        || task.isDone());
        thread.interrupt();
        try {
            task.get(20, TimeUnit.SECONDS);
            throw new AssertionError("it was not ended by the interrupt");
        } catch (ExecutionException e) {
            return e.getCause().getCause();
        }
    }

    @Test
    void shouldCloseTheSocketWhenAVirtualThreadIsInterruptedInRead() throws Exception {
        for (int soTimeout : new int[] {0, LONG_MS}) {
            SocketPair p = socketPair();
            p.client().setSoTimeout(soTimeout);
            InputStream in = p.client().getInputStream();
            assertThat(interrupted(in::read))
                    .isExactlyInstanceOf(SocketException.class)
                    .hasMessage("Closed by interrupt");
            assertThat(p.client().isClosed()).isTrue();
            assertThat(p.server().getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void shouldCloseTheSocketWhenAVirtualThreadIsInterruptedInWrite() throws Exception {
        SocketPair p = socketPair();
        byte[] chunk = new byte[1 << 20];
        assertThat(interrupted(() -> {
                    while (true) {
                        p.client().getOutputStream().write(chunk); // nobody reads
                    }
                }))
                .isExactlyInstanceOf(SocketException.class)
                .hasMessage("Closed by interrupt");
        assertThat(p.client().isClosed()).isTrue();
    }

    @Test
    void shouldCloseTheServerSocketWhenAVirtualThreadIsInterruptedInAccept() throws Exception {
        ServerSocket s = sockets.listen();
        assertThat(interrupted(s::accept))
                .isExactlyInstanceOf(SocketException.class)
                .hasMessage("Closed by interrupt");
        assertThat(s.isClosed()).isTrue();
    }

    @Test
    void shouldCloseTheSocketWhenAVirtualThreadIsInterruptedInConnect() throws Exception {
        for (int timeoutMs : new int[] {0, LONG_MS}) {
            try (FullBacklog full = new FullBacklog(world.anyPort())) {
                Socket s = sockets.socket();
                assertThat(interrupted(() -> s.connect(full.address(), timeoutMs)))
                        .isExactlyInstanceOf(SocketException.class)
                        .hasMessage("Closed by interrupt");
                assertThat(s.isClosed()).isTrue();
            }
        }
    }
}
