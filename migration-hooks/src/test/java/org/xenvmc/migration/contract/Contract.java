package org.xenvmc.migration.contract;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.xenvmc.migration.world.OverEveryWorld;
import org.xenvmc.migration.world.Pair;
import org.xenvmc.migration.world.World;
import org.xenvmc.migration.world.WorldKind;

/**
 * One part of what a socket promises, tested in every world. The JDK's channels are the reference: what they do, odd or
 * not, is what is expected everywhere.
 */
@OverEveryWorld
@Timeout(60)
abstract class Contract {
    @Parameter
    WorldKind kind;

    World world;

    @BeforeEach
    void openWorld() {
        world = kind.open();
    }

    @AfterEach
    void closeWorld() throws Exception {
        world.close();
    }

    final Pair pair() throws Exception {
        return world.pair();
    }
}
