package org.xenvmc.shm.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xenvmc.shm.provider.Member;
import org.xenvmc.transport.VmcContext;

class FileHostProviderTest {
    private TestHost host;
    private final RecordingListener first = new RecordingListener();
    private final RecordingListener second = new RecordingListener();

    @BeforeEach
    void open() throws IOException {
        host = new TestHost();
    }

    @AfterEach
    void close() throws IOException {
        host.close();
    }

    private static ByteBuffer text(String s) {
        return ByteBuffer.wrap(s.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void shouldSeeEachOtherWhenTwoJoin() throws Exception {
        FileHostMembership a = host.join(first);
        FileHostMembership b = host.join(second);
        assertThat(second.joined).containsExactly(1);
        await().until(() -> first.joined.equals(List.of(2)));
        assertThat(a.self().domId()).isEqualTo(1);
        assertThat(b.self().domId()).isEqualTo(2);
        assertThat(a.epoch()).isEqualTo(b.epoch()).isPositive();
        assertThat(a.members()).hasSize(2).contains(a.selfMember(), a.member(2));
        assertThat(a.member(2).id()).isEqualTo(b.self());
        assertThat(a.member(3)).isNull();
        assertThat(a.host()).isEqualTo(host.directory.toString());
    }

    @Test
    void shouldDescribeItselfToOthersWhenJoining() throws Exception {
        FileHostMembership a = host.join(new VmcContext().network("blue ü"), first, true);
        FileHostMembership b = host.join(second);
        Member seen = b.member(1);
        assertThat(seen.network()).isEqualTo("blue ü");
        assertThat(seen.tool()).isTrue();
        assertThat(seen.uuid()).isEqualTo(a.selfMember().uuid());
        assertThat(seen.pid()).isEqualTo(ProcessHandle.current().pid());
        assertThat(seen.networkNamespace()).isPositive();
        assertThat(seen.addresses()).contains(InetAddress.getByName("127.0.0.1").getHostAddress());
        assertThat(b.members()).containsExactly(b.selfMember());
    }

    @Test
    void shouldDeliverSignalsAndMessagesWhenSentByPeerOrSelf() throws Exception {
        FileHostMembership a = host.join(first);
        FileHostMembership b = host.join(second);
        Member toA = b.member(1);
        for (int connection : List.of(0, 63, 64, 4095, 4096, 65535)) {
            toA.signal(connection);
        }
        toA.signal(-1);
        toA.signal(65536);
        assertThat(toA.send(7, text("hello"))).isTrue();
        assertThat(a.selfMember().send(8, text("me"))).isTrue();
        a.selfMember().signal(5);
        await().until(() -> Set.copyOf(first.signals).equals(Set.of(0, 63, 64, 4095, 4096, 65535, 5)));
        await().until(() -> first.messages.equals(List.of("7:hello", "8:me")));
        assertThat(second.signals).isEmpty();
    }

    @Test
    void shouldShowPortsWhenTheyArePublished() throws Exception {
        FileHostMembership a = host.join(first);
        FileHostMembership b = host.join(second);
        Member seen = b.member(1);
        a.publishPort(8080, true);
        a.publishPort(8080, true);
        a.publishPort(65535, true);
        a.publishPort(8080, false);
        assertThat(seen.listensOn(8080)).isTrue();
        assertThat(seen.ports()).containsExactly(8080, 65535);
        a.publishPort(8080, false);
        assertThat(seen.listensOn(8080)).isFalse();
        assertThat(seen.listensOn(-1)).isFalse();
        assertThat(seen.listensOn(65536)).isFalse();
    }

    @Test
    void shouldLeaveNothingBehindWhenLeaving() throws Exception {
        FileHostMembership a = host.join(first);
        FileHostMembership b = host.join(second);
        Member seen = b.member(1);
        await().until(() -> first.joined.size() == 1);
        a.leave();
        await().until(() -> second.left.equals(List.of(1)));
        assertThat(second.died).isEmpty();
        assertThat(seen.alive()).isFalse();
        assertThat(seen.send(1, text("late"))).isFalse();
        seen.signal(1);
        assertThat(seen.listensOn(1)).isFalse();
        b.leave();
        b.leave();
        assertThat(host.files()).isEmpty();
        assertThat(host.mappings()).isEmpty();
        assertThat(host.descriptors()).isEmpty();
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(t -> t.getName().startsWith("xenvmc-"));
    }
}
