package org.xenvmc.migration.process;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.xenvmc.transport.Path;
import org.xenvmc.transport.VmcConnections;
import org.xenvmc.transport.VmcContext;
import org.xenvmc.transport.VmcSelectorProvider;

/**
 * A program that ends without closing anything: {@code MODE HOSTDIR PORT}. It has two VMs with a connection between them on
 * shared memory, so that nobody else is there who could clean up; with a port, one VM with a connection to that.
 */
public final class ExitingVm {
    static final int EXIT_CODE = 7;
    static final byte STOP = 99;

    private final String host;
    private SocketChannel near;
    private SocketChannel far;

    private ExitingVm(String host) {
        this.host = host;
    }

    /** Says "ready", then ends as it is told. */
    public static void main(String[] args) throws Exception {
        ExitingVm vm = new ExitingVm(args[1]);
        if (args.length > 2) { // the other end answers each byte
            vm.near = vm.connected(new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[2])));
        } else {
            vm.connectToItself();
        }
        vm.goToSharedMemory();
        vm.end(args[0]);
    }

    private VmcSelectorProvider provider() {
        return new VmcSelectorProvider(new VmcContext()
                .hostDirectory(host)
                .upgradeAfterOperations(0)
                .upgradeAfterBytes(0)
                .ringMaxBytes(64 * 1024));
    }

    private SocketChannel connected(InetSocketAddress to) throws Exception {
        SocketChannel channel = provider().openSocketChannel();
        channel.connect(to);
        return channel;
    }

    private void connectToItself() throws Exception {
        ServerSocketChannel listener = provider().openServerSocketChannel();
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        near = connected((InetSocketAddress) listener.getLocalAddress());
        far = listener.accept();
    }

    private boolean onSharedMemory() {
        return VmcConnections.info(near).sending().path() == Path.SHARED_MEMORY
                && VmcConnections.info(near).receiving().path() == Path.SHARED_MEMORY;
    }

    private void goToSharedMemory() throws Exception {
        while (!onSharedMemory()) {
            exchange();
            LockSupport.parkNanos(100_000);
        }
    }

    private void end(String mode) throws Exception {
        switch (mode) {
            case "return" -> say("ready");
            case "exit" -> {
                Threads.daemon("writer", this::writeForEver);
                Threads.daemon("reader", this::readForEver);
                say("ready");
                System.exit(EXIT_CODE);
            }
            case "blocked" -> {
                CountDownLatch started = new CountDownLatch(1);
                new Thread(() -> blockInRead(started), "blocked").start(); // not a daemon
                started.await();
                say("ready");
                System.exit(EXIT_CODE);
            }
            case "terminated" -> {
                say("ready");
                far.read(ByteBuffer.allocate(1)); // for ever
            }
            case "late" -> {
                Runtime.getRuntime().addShutdownHook(new Thread(this::joinLate, "late"));
                say("ready");
                System.exit(EXIT_CODE);
            }
            case "hook" -> {
                Runtime.getRuntime().addShutdownHook(new Thread(this::exchangeUntilStopped, "hook"));
                say("ready");
                System.exit(EXIT_CODE);
            }
            default -> throw new IllegalArgumentException(mode);
        }
    }

    private static void say(String word) {
        System.out.println(word);
    }

    private void writeForEver() throws Exception {
        ByteBuffer b = ByteBuffer.allocate(1000);
        while (near.write(b.clear()) >= 0) {
            b.clear();
        }
    }

    private void readForEver() throws Exception {
        ByteBuffer b = ByteBuffer.allocate(1000);
        while (far.read(b.clear()) >= 0) {
            b.clear();
        }
    }

    private void blockInRead(CountDownLatch started) {
        try {
            started.countDown();
            far.read(ByteBuffer.allocate(1));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private void joinLate() {
        try {
            connectToItself();
            for (int i = 0; i < 1000; i++) {
                exchange();
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private byte exchange() throws Exception {
        near.write(ByteBuffer.wrap(new byte[] {1}));
        if (far != null) {
            far.read(ByteBuffer.allocate(1));
            far.write(ByteBuffer.allocate(1));
        }
        ByteBuffer b = ByteBuffer.allocate(1);
        return near.read(b) == 1 ? b.get(0) : STOP;
    }

    private void exchangeUntilStopped() {
        try {
            byte answer = 0;
            while (answer != STOP) {
                answer = exchange();
            }
        } catch (Exception e) {
            e.printStackTrace();
            Runtime.getRuntime().halt(EXIT_CODE + 1);
        }
    }
}
