package org.xenvmc.shm.ivshmem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.Test;

class PageMapTest {
    private final PageMap pages = new PageMap(10);

    @Test
    void shouldTakeTheFirstRowThatIsLongEnough() {
        assertThat(pages.take(4)).isZero();
        assertThat(pages.take(3)).isEqualTo(4);
        pages.free(0, 4);
        assertThat(pages.take(5))
                .as("neither of the two free rows is long enough")
                .isEqualTo(-1);
        assertThat(pages.longestRow()).isEqualTo(4);
        assertThat(pages.take(4)).isZero();
        assertThat(pages.take(3)).isEqualTo(7);
        assertThat(pages.take(1)).isEqualTo(-1);
        assertThat(pages.free()).isZero();
        assertThat(pages.longestRow()).isZero();
    }

    @Test
    void shouldKeepPagesOfTheDeadForAWhile() {
        assertThat(pages.take(10)).isZero();
        pages.freeLater(0, 10, Long.MAX_VALUE / 4);
        assertThat(pages.take(1)).isEqualTo(-1);
        PageMap others = new PageMap(10);
        assertThat(others.take(10)).isZero();
        others.freeLater(2, 3, 1);
        await().until(() -> others.take(3) == 2);
    }
}
