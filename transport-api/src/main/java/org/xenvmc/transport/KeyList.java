package org.xenvmc.transport;

import java.util.Arrays;

/** The keys of one channel, so that it can tell their selectors what they cannot see. Thread-safe. */
final class KeyList {
    private static final VmcSelectionKey[] NONE = {};

    private volatile VmcSelectionKey[] keys = NONE; // replaced, never changed

    synchronized void add(VmcSelectionKey key) {
        VmcSelectionKey[] old = keys;
        VmcSelectionKey[] copy = Arrays.copyOf(old, old.length + 1);
        copy[old.length] = key;
        keys = copy;
    }

    synchronized void remove(VmcSelectionKey key) {
        VmcSelectionKey[] old = keys;
        for (int i = 0; i < old.length; i++) {
            if (old[i] == key) {
                VmcSelectionKey[] copy = new VmcSelectionKey[old.length - 1];
                System.arraycopy(old, 0, copy, 0, i);
                System.arraycopy(old, i + 1, copy, i, copy.length - i);
                keys = copy.length == 0 ? NONE : copy;
                return;
            }
        }
    }

    /** The channel has a stream now: its selectors have to listen to it. */
    void streamOpened() {
        for (VmcSelectionKey key : keys) {
            key.readinessMayHaveChanged();
        }
    }

    /** Cancels the JDK's keys of all cancelled keys, which otherwise the next selection would do. */
    void cancelBelow() {
        for (VmcSelectionKey key : keys) {
            if (!key.isValid()) {
                key.cancelBelow();
            }
        }
    }
}
