package org.xenvmc.transport;

import java.util.Arrays;

/** A growing array of keys that is emptied again and again without becoming garbage. Not thread-safe. */
final class KeyBatch {
    private VmcSelectionKey[] keys = new VmcSelectionKey[16];
    private int size;

    void add(VmcSelectionKey key) {
        if (size == keys.length) {
            keys = Arrays.copyOf(keys, size * 2);
        }
        keys[size++] = key;
    }

    VmcSelectionKey get(int index) {
        return keys[index];
    }

    int size() {
        return size;
    }

    /** Moves a key to an index that is not above its own: for keeping some while walking over all. */
    void keep(int index, VmcSelectionKey key) {
        keys[index] = key;
    }

    /** Forgets the keys from {@code newSize} on. */
    void truncate(int newSize) {
        Arrays.fill(keys, newSize, size, null);
        size = newSize;
    }
}
