package org.xenvmc.migration.hook;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xenvmc.migration.MigrationHook.Answer;
import org.xenvmc.migration.MigrationMode;
import org.xenvmc.migration.MigrationNotice;
import org.xenvmc.migration.MigrationPhase;

/** Several VMs as one. */
@SuppressWarnings("try") // the guests are there to be found
class GuestDirectoryTest {
    private static final MigrationNotice NOTICE =
            new MigrationNotice("m1", null, MigrationMode.KEEP, Duration.ofSeconds(2));

    @TempDir
    private Path dir;

    private final RecordingHook one = new RecordingHook();
    private final RecordingHook two = new RecordingHook();
    private GuestDirectory guests;

    @AfterEach
    void close() {
        guests.close();
    }

    private void open(Duration limit) {
        guests = new GuestDirectory(dir, limit);
    }

    @Test
    void shouldTellAllAndAddUpTheirAnswers() throws Exception {
        open(Duration.ofSeconds(5));
        try (ControlSocket a = ControlSocket.listen(dir, "1", one);
                ControlSocket b = ControlSocket.listen(dir, "2", two)) {
            assertThat(guests.prepare(NOTICE).accepted()).isTrue();
            assertThat(guests.guests()).containsExactlyInAnyOrder("1", "2");
            Answer finished = guests.finish("m1");
            assertThat(guests.resumed("m1", null).accepted()).isTrue();

            assertThat(finished.accepted()).isTrue();
            assertThat(finished.phase()).isEqualTo(MigrationPhase.AWAY);
            assertThat(finished.report().connections()).isEqualTo(6);
            assertThat(finished.report().lost()).isEqualTo(2);
            one.await("prepare KEEP 2000 null", "finish", "resumed null");
            two.await("prepare KEEP 2000 null", "finish", "resumed null");
            assertThat(guests.guests()).isEmpty();
        }
    }

    @Test
    void shouldGiveUpForAllWhenOneRefusesToPrepare() throws Exception {
        open(Duration.ofSeconds(5));
        two.refused.add("prepare");
        try (ControlSocket a = ControlSocket.listen(dir, "1", one);
                ControlSocket b = ControlSocket.listen(dir, "2", two)) {
            Answer answer = guests.prepare(NOTICE);

            assertThat(answer.accepted()).isFalse();
            assertThat(answer.detail()).isEqualTo("2: I will not prepare");
            one.await("prepare KEEP 2000 null", "aborted");
            two.await("prepare KEEP 2000 null (refused)");
        }
    }

    @Test
    void shouldNotBeHeldUpByOneThatDied() throws Exception {
        open(Duration.ofMillis(200));
        ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        dead.bind(UnixDomainSocketAddress.of(dir.resolve("0" + ControlSocket.SUFFIX)));
        dead.close(); // its file stays
        ControlSocket b = ControlSocket.listen(dir, "2", two);
        try (ControlSocket a = ControlSocket.listen(dir, "1", one)) {
            assertThat(guests.prepare(NOTICE).accepted()).isTrue();
            assertThat(dir.resolve("0" + ControlSocket.SUFFIX)).doesNotExist();
            b.close();

            assertThat(guests.finish("m1").accepted()).isTrue();

            one.await("prepare KEEP 2000 null", "finish");
        }
    }

    @Test
    void shouldRefuseWhenOneDoesNotAnswer() throws Exception {
        open(Duration.ofMillis(300));
        try (ServerSocketChannel silent = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
                ControlSocket a = ControlSocket.listen(dir, "1", one)) {
            silent.bind(UnixDomainSocketAddress.of(dir.resolve("0" + ControlSocket.SUFFIX)));

            Answer answer = guests.prepare(NOTICE);

            assertThat(answer.accepted()).isFalse();
            assertThat(answer.detail()).contains("no VM answers");
            assertThat(one.calls).isEmpty();
        }
    }

    @Test
    void shouldHaveNothingToSayWhereNoVmWasStarted() {
        guests = new GuestDirectory(dir.resolve("missing"), Duration.ofSeconds(1));

        assertThat(guests.prepare(NOTICE).accepted()).isTrue();
        assertThat(guests.finish("m1").accepted()).isTrue();
    }
}
