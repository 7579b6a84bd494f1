package org.xenvmc.transport;

import java.nio.channels.SelectionKey;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.Set;

/** What an application sees of the selected keys: it may remove, not add. Not thread-safe. */
final class SelectedKeySet extends AbstractSet<SelectionKey> {
    private final Set<SelectionKey> keys;

    SelectedKeySet(Set<SelectionKey> keys) {
        this.keys = keys;
    }

    @Override
    public Iterator<SelectionKey> iterator() {
        return keys.iterator();
    }

    @Override
    public int size() {
        return keys.size();
    }

    @Override
    public boolean contains(Object o) {
        return keys.contains(o);
    }

    @Override
    public boolean remove(Object o) {
        return keys.remove(o);
    }

    @Override
    public void clear() {
        keys.clear();
    }
}
