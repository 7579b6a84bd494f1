package org.xenvmc.shm.file;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.xenvmc.shm.provider.HostListener;
import org.xenvmc.shm.provider.Member;

/** Keeps what it is told. */
class RecordingListener implements HostListener {
    final List<Integer> joined = new CopyOnWriteArrayList<>();
    final List<Integer> left = new CopyOnWriteArrayList<>();
    final List<Integer> died = new CopyOnWriteArrayList<>();
    final List<Integer> signals = new CopyOnWriteArrayList<>();
    final List<String> messages = new CopyOnWriteArrayList<>();

    @Override
    public void joined(Member member) {
        joined.add(member.id().domId());
    }

    @Override
    public void left(Member member, boolean dead) {
        (dead ? died : left).add(member.id().domId());
    }

    @Override
    public void message(int type, ByteBuffer payload) {
        byte[] bytes = new byte[payload.remaining()];
        payload.get(bytes);
        messages.add(type + ":" + new String(bytes, java.nio.charset.StandardCharsets.UTF_8));
    }

    @Override
    public void signalled(int connection) {
        signals.add(connection);
    }
}
