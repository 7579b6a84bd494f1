package org.xenvmc.shm.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xenvmc.shm.provider.GrantRef;
import org.xenvmc.shm.provider.Mapping;
import org.xenvmc.shm.provider.ProviderException;
import org.xenvmc.shm.ring.RingLayout;

/** What a peer says of its rings is checked before it is mapped. */
class PeerMappingsTest {
    private static final int OWNER = 2;
    private static final int BYTES = 64 * 1024;

    private final FakeHost host = new FakeHost();
    private final PeerMappings mappings = new PeerMappings(host, OWNER);

    PeerMappingsTest() {
        host.lend(new GrantRef(OWNER, 1, BYTES));
    }

    @ParameterizedTest
    @CsvSource({
        "65536, 0, 65536", // no room for the words
        "65536, 0, 0",
        "65536, 0, -2147483648",
        "65536, 0, 2048",
        "65536, 0, 12288",
        "65536, -4096, 4096",
        "65536, 2048, 4096",
        "65536, 61440, 4096",
        "65536, 2147479552, 4096",
        "65536, 0, 134217728",
        "65536, 0, 1073741824",
        "-65536, 0, 4096",
        "2147483647, 2147479552, 67108864",
    })
    void shouldMapNothingForImpossibleNumbers(int grantBytes, int offset, int capacity) {
        assertThatThrownBy(() -> mappings.use(new Message.RingRef(1, grantBytes, offset, capacity)))
                .isInstanceOf(ProviderException.class)
                .hasMessageContaining("VM 2");
        assertThat(host.mapped).isEmpty();
    }

    @Test
    void shouldStayInsideTheGrantWhateverThePeerSays() {
        Random random = new Random(Long.getLong("xenvmc.test.seed", 4711));
        for (int i = 0; i < 10_000; i++) {
            int capacity = random.nextBoolean() ? 1 << random.nextInt(32) : random.nextInt();
            int offset = random.nextBoolean() ? 4096 * random.nextInt(20) : random.nextInt();
            int bytes = random.nextBoolean() ? BYTES : random.nextInt();
            try {
                Mapping m = mappings.use(new Message.RingRef(1, bytes, offset, capacity));
                m.buffer().slice(offset, RingLayout.ringBytes(capacity)); // throws when outside
            } catch (ProviderException e) {
                continue;
            }
        }
        assertThat(host.mapped).hasSizeLessThanOrEqualTo(1);
    }

    @Test
    void shouldMapAGrantOnceForAllItsRings() throws Exception {
        Mapping a = mappings.use(new Message.RingRef(1, BYTES, 0, 4096));
        Mapping b = mappings.use(new Message.RingRef(1, BYTES, 8192, 4096));
        assertThat(a).isSameAs(b);
        assertThatThrownBy(() -> mappings.use(new Message.RingRef(1, BYTES / 2, 0, 4096)))
                .isInstanceOf(ProviderException.class);
    }

    @Test
    void shouldKeepTheMappingUntilTheLastUserIsGone() throws Exception {
        mappings.use(new Message.RingRef(1, BYTES, 0, 4096));
        mappings.use(new Message.RingRef(1, BYTES, 8192, 4096));
        mappings.revoked(1);
        mappings.unuse(1);
        assertThat(host.mapped.get(0).unmapped()).isFalse();
        mappings.unuse(1);
        assertThat(host.mapped.get(0).unmapped()).isTrue();
        mappings.unuse(1);
        mappings.revoked(1);
    }

    @Test
    void shouldUnmapAtCloseWhatIsNotUsedAndTheRestLater() throws Exception {
        host.lend(new GrantRef(OWNER, 2, BYTES));
        mappings.use(new Message.RingRef(1, BYTES, 0, 4096));
        mappings.use(new Message.RingRef(2, BYTES, 0, 4096));
        mappings.unuse(1);
        mappings.close();
        assertThat(host.mapped).extracting(FakeMapping::unmapped).containsExactly(true, false);
        mappings.unuse(2);
        assertThat(host.mapped.get(1).unmapped()).isTrue();
    }
}
