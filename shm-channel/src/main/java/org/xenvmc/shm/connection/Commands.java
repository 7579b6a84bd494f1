package org.xenvmc.shm.connection;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.xenvmc.shm.provider.HostMembership;
import org.xenvmc.shm.provider.Member;
import org.xenvmc.transport.spi.CommandHandler;
import org.xenvmc.transport.spi.TransportEngine;

/** Answers what tools ask this VM. Handlers run on a thread of their own, one after the other. */
final class Commands {
    private static final Logger LOG = System.getLogger(Commands.class.getName());
    /** Characters per reply message: at most 3 bytes each in UTF-8, beside the head of the message. */
    private static final int CHUNK_CHARS = 1200;

    private static final long SEND_LIMIT_NS = TimeUnit.SECONDS.toNanos(2);
    private static final long SEND_RETRY_NS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final int MAX_QUEUED = 64;

    private final ShmConnectionManager manager;
    private final TransportEngine engine;
    private final Map<String, CommandHandler> handlers = new TreeMap<>();
    private final ThreadPoolExecutor executor;

    Commands(ShmConnectionManager manager, TransportEngine engine) {
        this.manager = manager;
        this.engine = engine;
        this.executor = new ThreadPoolExecutor(
                1,
                1,
                10,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(MAX_QUEUED),
                ManagerThreads.named("xenvmc-commands"));
        executor.allowCoreThreadTimeOut(true);
        ServiceLoader.load(CommandHandler.class, Commands.class.getClassLoader()).stream()
                .forEach(this::add);
    }

    private void add(ServiceLoader.Provider<CommandHandler> provider) {
        try {
            CommandHandler h = provider.get();
            handlers.put(h.name(), h);
        } catch (ServiceConfigurationError e) {
            LOG.log(Level.WARNING, "a command is left out", e);
        }
    }

    /** A command came. Runs on the manager's thread. */
    void received(Member asker, Message.Reader r) {
        long id = r.number();
        String name = r.text();
        String argument = r.text();
        HostMembership membership = manager.membership();
        try {
            executor.execute(() -> answer(membership, asker, id, name, argument));
        } catch (RejectedExecutionException e) {
            LOG.log(Level.WARNING, "command {0} is dropped: too many wait, or this VM is closed", name);
        }
    }

    private void answer(HostMembership membership, Member asker, long id, String name, String argument) {
        CommandHandler handler = handlers.get(name);
        try {
            if (handler == null) {
                throw new IllegalArgumentException("unknown command '" + name + "'; known are " + handlers.keySet());
            }
            reply(membership, asker, id, handler.handle(engine, argument), Message.LAST);
        } catch (Exception e) {
            LOG.log(Level.DEBUG, "command " + name + " failed", e);
            String message = e.getMessage() == null ? e.toString() : e.getMessage();
            reply(membership, asker, id, message, Message.FAILED);
        }
    }

    private static void reply(HostMembership membership, Member asker, long id, String text, int lastStatus) {
        int from = membership.self().domId();
        for (int at = 0; at == 0 || at < text.length(); at += CHUNK_CHARS) {
            int to = Math.min(text.length(), at + CHUNK_CHARS);
            Message.Writer w = new Message.Writer(from)
                    .number(id)
                    .small(to == text.length() ? lastStatus : Message.MORE)
                    .bytes(text.substring(at, to).getBytes(StandardCharsets.UTF_16LE));
            if (!send(asker, w)) {
                LOG.log(Level.DEBUG, "the asker of command {0} does not read", id);
                return;
            }
        }
    }

    private static boolean send(Member asker, Message.Writer w) {
        java.nio.ByteBuffer message = w.done();
        long deadlineNs = System.nanoTime() + SEND_LIMIT_NS;
        while (!asker.send(Message.REPLY, message.duplicate())) {
            if (!asker.alive() || System.nanoTime() - deadlineNs > 0) {
                return false;
            }
            LockSupport.parkNanos(SEND_RETRY_NS);
        }
        return true;
    }

    void close() {
        executor.shutdownNow();
    }
}
