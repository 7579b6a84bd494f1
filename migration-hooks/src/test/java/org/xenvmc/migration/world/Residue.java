package org.xenvmc.migration.world;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** What this process holds at one moment: descriptors by kind, and threads. */
public final class Residue {
    private static final Duration LIMIT = Duration.ofSeconds(8);
    private static final Pattern NUMBER = Pattern.compile(":\\[\\d+]|[0-9a-f-]{6,}");
    /** Threads of the JVM, of JNA, of Netty (ends by itself after a second) and of the test framework. */
    private static final Pattern FOREIGN_THREADS = Pattern.compile(
            "main|Finalizer|Reference Handler|Signal Dispatcher|Notification Thread|Common-Cleaner|Cleaner-\\d+|process reaper.*"
                    + "|Attach Listener|JNA Cleaner|ForkJoinPool.*|surefire.*|junit.*|awaitility.*|test-.*"
                    + "|VirtualThread-.*|.*Poller.*|globalEventExecutor.*|ping-.*|last-ditch.*|Thread-\\d+ .*stream");

    private static boolean warm;

    private final Map<String, Long> descriptors;
    private final Set<Long> threads;

    private Residue(Map<String, Long> descriptors, Set<Long> threads) {
        this.descriptors = descriptors;
        this.threads = threads;
    }

    /** The JDK keeps some descriptors for itself from the first use on. */
    private static synchronized void warmUp() {
        if (warm) {
            return;
        }
        warm = true;
        try (ServerSocketChannel s =
                        ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                SocketChannel c = SocketChannel.open(s.getLocalAddress());
                SocketChannel a = s.accept();
                Selector selector = Selector.open()) {
            a.write(Io.text("x"));
            c.socket().setSoTimeout(1000);
            c.socket().getInputStream().read();
            selector.selectNow();
            warmUpVirtualThreads(c, a);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void warmUpVirtualThreads(SocketChannel from, SocketChannel to) throws IOException {
        FutureTask<Integer> read = new FutureTask<>(() -> Io.readSome(to));
        try {
            Object thread =
                    Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, read);
            Awaitility.await().until(() -> ((Thread) thread).getState() == Thread.State.WAITING);
            from.write(Io.text("x"));
            read.get();
        } catch (NoSuchMethodException e) {
            // before JDK 21
        } catch (ReflectiveOperationException | InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Takes a snapshot. */
    public static Residue now() {
        warmUp();
        Set<Long> ids = liveThreads().map(Residue::idOf).collect(Collectors.toSet());
        return new Residue(openDescriptors(), ids);
    }

    private static Stream<Thread> liveThreads() {
        return Thread.getAllStackTraces().keySet().stream();
    }

    @SuppressWarnings("deprecation") // threadId() came with 19
    private static long idOf(Thread t) {
        return t.getId();
    }

    private static Map<String, Long> openDescriptors() {
        Map<String, Long> counts = new TreeMap<>();
        try (Stream<Path> fds = Files.list(Path.of("/proc/self/fd"))) {
            fds.forEach(fd -> {
                try {
                    String target = Files.readSymbolicLink(fd).toString();
                    if (!isJarOrDevice(target)) {
                        counts.merge(NUMBER.matcher(target).replaceAll(""), 1L, Long::sum);
                    }
                } catch (IOException e) {
                    // closed meanwhile, or the descriptor of the listing itself
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return counts;
    }

    private static boolean isJarOrDevice(String target) {
        boolean shared = target.startsWith("/dev/shm/");
        return target.startsWith("/") && !shared && !target.startsWith("/memfd");
    }

    /** Describes files, mappings and so on that are still there; empty when there are none. */
    @FunctionalInterface
    public interface Description {
        /** Describes them. */
        String describe() throws IOException;
    }

    /** Waits, with a limit, until nothing is there that was not there before. */
    public void awaitNothingNew(Description leftBehind) throws IOException {
        try {
            Awaitility.await()
                    .atMost(LIMIT)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> whatIsNew(leftBehind).isEmpty());
        } catch (ConditionTimeoutException e) {
            throw new AssertionError("left behind after close:" + whatIsNew(leftBehind));
        }
    }

    private String whatIsNew(Description leftBehind) throws IOException {
        StringBuilder text = new StringBuilder(leftBehind.describe());
        openDescriptors().forEach((kind, n) -> {
            long had = descriptors.getOrDefault(kind, 0L);
            if (n > had) {
                text.append("\n  ").append(n - had).append(" descriptor(s) of ").append(kind);
            }
        });
        liveThreads()
                .filter(t -> t.isAlive() && !threads.contains(idOf(t)))
                .filter(t -> !FOREIGN_THREADS.matcher(t.getName()).matches())
                .forEach(t -> text.append("\n  thread ").append(t.getName()));
        return text.toString();
    }
}
