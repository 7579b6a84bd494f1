package org.xenvmc.transport.async;

import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;

/** The threads of a group, and how it uses them. Immutable. */
final class GroupPool {
    private static final String FACTORY_PROPERTY = "java.nio.channels.DefaultThreadPool.threadFactory";
    private static final String SIZE_PROPERTY = "java.nio.channels.DefaultThreadPool.initialSize";

    private final ExecutorService executor;
    private final boolean fixed;
    private final int eventThreads;

    private GroupPool(ExecutorService executor, boolean fixed, int eventThreads) {
        this.executor = executor;
        this.fixed = fixed;
        this.eventThreads = eventThreads;
    }

    /** So many threads, which wait for events and run the handlers. */
    static GroupPool fixed(int threads, ThreadFactory factory) {
        if (threads <= 0) {
            throw new IllegalArgumentException("'nThreads' must be > 0");
        }
        return new GroupPool(Executors.newFixedThreadPool(threads, factory), true, threads);
    }

    /**
     * The application's threads, which run the handlers; some of them wait for events, too, which saves a hop.
     *
     * @param initialSize how many of them; a negative one lets us choose for a pool that grows without bound. A pool with a
     *     bound gets none, or it could be filled with threads that wait.
     */
    static GroupPool of(ExecutorService executor, int initialSize) {
        Objects.requireNonNull(executor, "'executor' is null");
        int threads = Math.max(initialSize, 0);
        if (executor instanceof ThreadPoolExecutor) {
            boolean grows = ((ThreadPoolExecutor) executor).getMaximumPoolSize() == Integer.MAX_VALUE;
            if (!grows) {
                threads = 0;
            } else if (initialSize < 0) {
                threads = Runtime.getRuntime().availableProcessors();
            }
        }
        return new GroupPool(executor, false, threads);
    }

    /**
     * The pool of the default group: daemon threads, as many as needed; see {@code AsynchronousChannelGroup}.
     *
     * @throws IllegalArgumentException naming the property that is wrong
     */
    static GroupPool ofSystemProperties() {
        int size = defaultSize();
        return new GroupPool(Executors.newCachedThreadPool(defaultFactory()), false, size);
    }

    private static int defaultSize() {
        String value = System.getProperty(SIZE_PROPERTY);
        int size = -1;
        if (value != null) {
            try {
                size = Integer.parseInt(value);
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(SIZE_PROPERTY + "=" + value + " is not a number", e);
            }
        }
        return size < 0 ? Runtime.getRuntime().availableProcessors() : size;
    }

    private static ThreadFactory defaultFactory() {
        String name = System.getProperty(FACTORY_PROPERTY);
        if (name == null) {
            return task -> daemon(task, "xenvmc-async-default");
        }
        try {
            return Class.forName(name, true, ClassLoader.getSystemClassLoader())
                    .asSubclass(ThreadFactory.class)
                    .getDeclaredConstructor()
                    .newInstance();
        } catch (ReflectiveOperationException | ClassCastException e) {
            throw new IllegalArgumentException(
                    FACTORY_PROPERTY + "=" + name + " does not name a ThreadFactory that can be made", e);
        }
    }

    static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(null, task, name, 0, false);
        thread.setDaemon(true);
        return thread;
    }

    ExecutorService executor() {
        return executor;
    }

    /** Whether the group's tasks are run by the threads that wait for events, and by no others. */
    boolean isFixed() {
        return fixed;
    }

    /** How many threads of the pool wait for events. */
    int eventThreads() {
        return eventThreads;
    }
}
