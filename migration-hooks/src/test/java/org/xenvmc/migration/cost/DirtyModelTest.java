package org.xenvmc.migration.cost;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DirtyModelTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void shouldRoundUpToWholePages() {
        assertThat(DirtyModel.rate(10).pagesWithin(0)).isZero();
        assertThat(DirtyModel.rate(10).pagesWithin(1)).isEqualTo(1);
        assertThat(DirtyModel.rate(10).pagesWithin(SECOND / 10)).isEqualTo(1);
        assertThat(DirtyModel.rate(10).pagesWithin(SECOND / 10 + 1)).isEqualTo(2);
    }

    @Test
    void shouldNotExceedTheWorkingSet() {
        assertThat(DirtyModel.workingSet(25, 10).pagesWithin(2 * SECOND)).isEqualTo(20);
        assertThat(DirtyModel.workingSet(25, 10).pagesWithin(3 * SECOND)).isEqualTo(25);
    }

    /** 1,000 writes to 1,000 pages at random meet 1,000 x (1 - 1/e) = 632.1 of them; 100 writes meet 95.2. */
    @Test
    void shouldMeetPagesTwiceWhenWritesAreScattered() {
        DirtyModel model = DirtyModel.scattered(1_000, 1_000);

        assertThat(model.pagesWithin(SECOND)).isEqualTo(633);
        assertThat(model.pagesWithin(SECOND / 10)).isEqualTo(96);
        assertThat(model.pagesWithin(100 * SECOND)).isEqualTo(1_000);
        assertThat(DirtyModel.scattered(0, 5).pagesWithin(SECOND)).isZero();
    }

    @Test
    void shouldAddUpPartsOfAMachine() {
        DirtyModel both = DirtyModel.workingSet(5, 10).plus(DirtyModel.rate(1));

        assertThat(both.pagesWithin(SECOND)).isEqualTo(6);
        assertThat(DirtyModel.rate(Long.MAX_VALUE).plus(DirtyModel.rate(1)).pagesWithin(SECOND))
                .isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void shouldStayExactWhereALongOverflowsOnTheWay() {
        // 2^40 bytes at 2^30 bytes per second take 1,024 s; 2^40 x 10^9 is more than a long holds
        assertThat(PageTime.ns(1L << 40, 1L << 30)).isEqualTo(1024 * SECOND);
        assertThat(PageTime.ns((1L << 40) + 1, 1L << 30)).isEqualTo(1024 * SECOND + 1);
        assertThat(PageTime.pages(Long.MAX_VALUE, 2 * SECOND)).isEqualTo(Long.MAX_VALUE);
    }
}
