package org.xenvmc.migration.process;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.xenvmc.migration.world.TestSeed;

/**
 * Random buffers go to an echo in another process and back, and every byte is compared, while both processes move between
 * two hosts at random moments. {@code -Dxenvmc.test.long=true} makes thousands of moves, {@code -Dxenvmc.test.seed=N}
 * repeats a run as far as the scheduler lets it.
 */
@Timeout(900)
class EndlessEchoTest {
    private static final int MOVES = Boolean.getBoolean("xenvmc.test.long") ? 3000 : 80;
    private static final int CONNECTIONS = 3;

    @Test
    void shouldReturnEveryByteWhenThreadsBlock() throws Exception {
        long seed = TestSeed.next("echo, threads");
        try (EchoRun run = new EchoRun(seed, "echo " + seed + " false")) {
            run.start(new ThreadedClient(run.connect(CONNECTIONS), seed));
            run.move(MOVES);
            run.finish();
        }
    }

    @Test
    void shouldReturnEveryByteWhenReadersNowAndThenDoNotRead() throws Exception {
        long seed = TestSeed.next("echo, lazy readers");
        try (EchoRun run = new EchoRun(seed, "echo " + seed + " true")) {
            run.start(new ThreadedClient(run.connect(CONNECTIONS), seed));
            run.move(MOVES);
            run.finish();
        }
    }

    @Test
    void shouldReturnEveryByteWhenSelectorsServe() throws Exception {
        long seed = TestSeed.next("echo, selectors");
        try (EchoRun run = new EchoRun(seed, "select")) {
            run.start(new SelectorClient(run.provider().openSelector(), run.connect(CONNECTIONS), seed));
            run.move(MOVES);
            run.finish();
        }
    }

    @Test
    void shouldReturnEveryByteWhenASelectorServesThreads() throws Exception {
        long seed = TestSeed.next("echo, a selector and threads");
        try (EchoRun run = new EchoRun(seed, "select")) {
            run.start(new ThreadedClient(run.connect(CONNECTIONS), seed));
            run.move(MOVES);
            run.finish();
        }
    }
}
