package org.xenvmc.shm.connection;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.xenvmc.shm.provider.HostListener;
import org.xenvmc.shm.provider.HostMembership;
import org.xenvmc.shm.provider.HostProvider;
import org.xenvmc.shm.provider.Member;
import org.xenvmc.shm.provider.ProviderException;
import org.xenvmc.transport.HostStatus;
import org.xenvmc.transport.ReasonCode;
import org.xenvmc.transport.VmcContext;
import org.xenvmc.transport.spi.Candidate;

/** A tool's line to the VMs of a host. It joins as a tool and carries no connections. Thread-safe. */
public final class ControlClient implements AutoCloseable {
    private static final int MAX_ANSWER_CHARS = 64 << 20;
    private static final long FULL_RETRY_NS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final HostListener NO_NEWS = new HostListener() {
        @Override
        public void joined(Member member) {}

        @Override
        public void left(Member member, boolean died) {}

        @Override
        public void message(int type, ByteBuffer payload) {}

        @Override
        public void signalled(int connection) {}
    };

    private static final class Question {
        final StringBuilder answer = new StringBuilder();
        final CompletableFuture<String> done = new CompletableFuture<>();
    }

    private final HostMembership membership;
    private final Map<Long, Question> questions = new ConcurrentHashMap<>();
    private final AtomicLong ids = new AtomicLong();

    private ControlClient(VmcContext context, HostListener news, Duration patience) throws IOException {
        HostProvider provider = new HostProviders();
        HostProvider.Joining joining = new HostProvider.Joining(UUID.randomUUID(), context.hostDirectory(), true);
        Listener listener = new Listener(news);
        long deadlineNs = System.nanoTime() + patience.toNanos();
        HostMembership joined = null;
        while (joined == null) {
            try {
                joined = provider.join(context, joining, listener);
            } catch (ProviderException e) {
                if (e.reason() != ReasonCode.REGION_FULL || System.nanoTime() - deadlineNs >= 0) {
                    throw e;
                }
                LockSupport.parkNanos(FULL_RETRY_NS); // the provider sees meanwhile who is dead
            }
        }
        membership = joined;
    }

    /**
     * Joins the host that {@link VmcContext#hostDirectory()} names.
     *
     * @throws IOException when it cannot be joined; the message says why and what to do
     */
    public static ControlClient open(VmcContext context) throws IOException {
        return open(context, NO_NEWS, Duration.ZERO);
    }

    /**
     * As {@link #open(VmcContext)}, and hears who comes and goes.
     *
     * @param news told of members and of the loss of the memory, by the provider's threads
     * @param patience how long to wait for a place in a region that is full, of VMs that may be dead
     */
    public static ControlClient open(VmcContext context, HostListener news, Duration patience) throws IOException {
        return new ControlClient(context.conclude(), news, patience);
    }

    /** Number of the host's present life. */
    public long epoch() {
        return membership.epoch();
    }

    /** The VMs of the host, without tools. */
    public List<HostStatus.VmEntry> vms() {
        return membership.members().stream()
                .map(m -> ShmConnectionManager.entry(m, -1))
                .toList();
    }

    /** Which VMs of the host a connection from here to an address would be offered to, and why the others would not. */
    public List<Candidate> candidates(InetSocketAddress remote) {
        return membership.members().stream()
                .map(m -> new Candidate(
                        ShmConnectionManager.entry(m, -1), CoResidencyTable.reach(remote, m, membership.selfMember())))
                .toList();
    }

    /**
     * Asks a VM and waits for the answer.
     *
     * @param domId the VM's number on the host
     * @param limit how long to wait
     * @return the answer, JSON
     * @throws IOException with the VM's message when it could not do it; when there is no such VM; when it is silent
     */
    public String call(int domId, String command, String argument, Duration limit) throws IOException {
        Member vm = membership.member(domId);
        if (vm == null) {
            throw new IOException("there is no VM " + domId + " on " + membership.host() + "; ask for the list of VMs");
        }
        long id = ids.incrementAndGet();
        Question q = new Question();
        questions.put(id, q);
        try {
            ByteBuffer message = new Message.Writer(membership.self().domId())
                    .number(id)
                    .text(command)
                    .text(argument)
                    .done();
            if (!vm.send(Message.COMMAND, message)) {
                throw new IOException("VM " + vm.id() + " does not take messages: it is gone, or its mailbox is full");
            }
            return q.done.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new IOException("VM " + vm.id() + " did not answer '" + command + "' within " + limit, e);
        } catch (ExecutionException e) {
            throw new IOException("VM " + vm.id() + ": " + e.getCause().getMessage(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for VM " + vm.id());
        } finally {
            questions.remove(id);
        }
    }

    @Override
    public void close() {
        membership.leave();
    }

    private final class Listener implements HostListener {
        private final HostListener news;

        Listener(HostListener news) {
            this.news = news;
        }

        @Override
        public void joined(Member member) {
            news.joined(member);
        }

        @Override
        public void left(Member member, boolean died) {
            news.left(member, died);
        }

        @Override
        public void lost(ReasonCode why) {
            news.lost(why);
        }

        @Override
        public void signalled(int connection) {}

        @Override
        public void message(int type, ByteBuffer payload) {
            if (type == Message.REPLY) {
                try {
                    reply(new Message.Reader(payload));
                } catch (RuntimeException e) {
                    return; // not a reply that this version can read: the question's limit will end it
                }
            }
        }

        private void reply(Message.Reader r) {
            r.small();
            Question q = questions.get(r.number());
            if (q == null) {
                return;
            }
            int status = r.small();
            q.answer.append(new String(r.bytes(), StandardCharsets.UTF_16LE));
            if (status == Message.FAILED || q.answer.length() > MAX_ANSWER_CHARS) {
                q.done.completeExceptionally(new IOException(q.answer.toString()));
            } else if (status == Message.LAST) {
                q.done.complete(q.answer.toString());
            }
        }
    }
}
