package org.xenvmc.transport;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelector;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * A selector over TCP and shared memory: the JDK's selector, which watches the TCP channels (and channels of the JDK),
 * and {@link ReadySearch}, which finds what is ready by either. Contract and thread rules are those of {@link
 * Selector}.
 */
final class VmcSelector extends AbstractSelector {
    private static final long FOREVER_MS = -1;
    private static final long NOW_MS = 0;

    private final Selector jdk;
    private final ReadySearch search;

    private final Set<SelectionKey> keys = ConcurrentHashMap.newKeySet();
    private final Set<SelectionKey> publicKeys = Collections.unmodifiableSet(keys);
    private final Set<SelectionKey> selectedKeys = new HashSet<>();
    private final Set<SelectionKey> publicSelectedKeys = new SelectedKeySet(selectedKeys);

    private final LastKeys lastKeys = new LastKeys();
    private boolean selecting; // guarded by this: an action must not select

    VmcSelector(VmcSelectorProvider provider, Selector jdk) {
        super(provider);
        this.jdk = jdk;
        this.search = new ReadySearch(this, jdk, provider);
    }

    // -- selection

    @Override
    public int select() throws IOException {
        return lockAndSelect(null, FOREVER_MS);
    }

    @Override
    public int select(long timeoutMs) throws IOException {
        return lockAndSelect(null, orForever(timeoutMs));
    }

    @Override
    public int selectNow() throws IOException {
        return lockAndSelect(null, NOW_MS);
    }

    @Override
    public int select(Consumer<SelectionKey> action) throws IOException {
        return lockAndSelect(Objects.requireNonNull(action), FOREVER_MS);
    }

    @Override
    public int select(Consumer<SelectionKey> action, long timeoutMs) throws IOException {
        return lockAndSelect(Objects.requireNonNull(action), orForever(timeoutMs));
    }

    @Override
    public int selectNow(Consumer<SelectionKey> action) throws IOException {
        return lockAndSelect(Objects.requireNonNull(action), NOW_MS);
    }

    private static long orForever(long timeoutMs) {
        if (timeoutMs < 0) {
            throw new IllegalArgumentException("Negative timeout");
        }
        return timeoutMs == 0 ? FOREVER_MS : timeoutMs;
    }

    private int lockAndSelect(Consumer<SelectionKey> action, long timeoutMs) throws IOException {
        synchronized (this) {
            requireOpen();
            if (selecting) {
                throw new IllegalStateException("select in progress");
            }
            selecting = true;
            try {
                synchronized (publicSelectedKeys) {
                    return doSelect(action, timeoutMs);
                }
            } finally {
                selecting = false;
            }
        }
    }

    private int doSelect(Consumer<SelectionKey> action, long timeoutMs) throws IOException {
        try {
            dropCancelled();
            KeyBatch found = search.find(timeoutMs);
            dropCancelled();
            return publish(found, action);
        } finally {
            search.forget();
        }
    }

    /** Hands the found keys to the application. */
    private int publish(KeyBatch found, Consumer<SelectionKey> action) {
        int count = 0;
        for (int i = 0; i < found.size(); i++) {
            VmcSelectionKey key = found.get(i);
            int ready = key.found & key.interest();
            if (ready == 0 || !key.isValid()) {
                continue;
            }
            if (action != null) {
                key.ready(ready);
                count++;
                action.accept(key);
                requireOpen();
            } else if (addToSelected(key, ready)) {
                count++;
            }
        }
        return count;
    }

    /** Returns whether the set or the operations of the key in it have changed. */
    private boolean addToSelected(VmcSelectionKey key, int ready) {
        if (selectedKeys.add(key)) {
            key.ready(ready);
            return true;
        }
        int before = key.ready();
        key.ready(before | ready);
        return (ready & ~before) != 0;
    }

    @Override
    public Selector wakeup() {
        search.wakeup();
        return this;
    }

    // -- keys

    @Override
    public Set<SelectionKey> keys() {
        requireOpen();
        return publicKeys;
    }

    @Override
    public Set<SelectionKey> selectedKeys() {
        requireOpen();
        return publicSelectedKeys;
    }

    private void requireOpen() {
        if (!isOpen()) {
            throw new ClosedSelectorException();
        }
    }

    /** Called while the locks of the channel for registration are held, which the JDK's channels take again here. */
    @Override
    protected SelectionKey register(AbstractSelectableChannel channel, int ops, Object attachment) {
        requireOpen();
        VmcSelectionKey key = new VmcSelectionKey(this, channel, ops);
        key.attach(attachment);
        KeyList list = Layers.keyList(channel);
        if (list != null) {
            list.add(key);
        }
        keys.add(key);
        try {
            key.below(Layers.below(channel).register(jdk, ops, key), ops);
            if (list == null) {
                key.last(lastKeys.of(channel));
            }
        } catch (ClosedChannelException e) {
            key.cancel(); // the channel is being closed: it would have cancelled the key a moment later
        } catch (IOException e) {
            keys.remove(key);
            key.cancelBelow();
            key.deregistered();
            throw new UncheckedIOException("no second selector can be opened", e);
        } catch (RuntimeException e) {
            keys.remove(key);
            key.deregistered();
            throw e;
        }
        signalled(key);
        if (!isOpen()) {
            keys.remove(key);
            key.cancel();
            key.deregistered();
            throw new ClosedSelectorException();
        }
        return key;
    }

    /** The key has to be looked at: in the selection in progress if that is waiting, else in the next. */
    void signalled(VmcSelectionKey key) {
        search.signalled(key);
    }

    /**
     * Removes cancelled keys. The JDK's selector has to remove its own first: a channel that is registered again in
     * between would meet the old key there. For closed channels, which nobody registers again, that can wait.
     */
    private void dropCancelled() throws IOException {
        List<VmcSelectionKey> dropped = takeCancelled();
        boolean flush = false;
        boolean closed = false;
        for (VmcSelectionKey key : dropped) {
            key.cancelBelow();
            boolean open = key.channel().isOpen();
            flush |= open;
            closed |= !open && Layers.isOfTheJdk(key.channel());
        }
        if (flush) {
            search.lookAtTcp();
            lastKeys.remove();
        }
        for (VmcSelectionKey key : dropped) {
            drop(key);
        }
        if (closed) {
            lastKeys.remove();
        }
    }

    private List<VmcSelectionKey> takeCancelled() {
        Set<SelectionKey> cancelled = cancelledKeys();
        synchronized (cancelled) {
            if (cancelled.isEmpty()) {
                return List.of();
            }
            List<VmcSelectionKey> taken = new ArrayList<>(cancelled.size());
            for (SelectionKey key : cancelled) {
                taken.add((VmcSelectionKey) key);
            }
            cancelled.clear();
            return taken;
        }
    }

    private void drop(VmcSelectionKey key) {
        selectedKeys.remove(key);
        keys.remove(key);
        key.deregistered();
        deregister(key);
    }

    // -- closing

    @Override
    protected void implCloseSelector() throws IOException {
        wakeup(); // a selection in progress sees that we are closed, returns, and lets go of the monitor
        synchronized (this) {
            synchronized (publicSelectedKeys) {
                // ours first: the JDK gives the descriptor of a closed channel back when no key of it is left
                for (SelectionKey key : keys) {
                    drop((VmcSelectionKey) key);
                }
                jdk.close();
                lastKeys.close();
            }
        }
    }
}
