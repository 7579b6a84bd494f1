package org.xenvmc.migration.vm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xenvmc.migration.MigrationMode;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.migration.qmp.MigrationPlan;

/**
 * Two real guests with shared memory between them; one is moved, live, between QEMU processes, and answers on its control
 * port, while a connection carries data in both directions and every byte is compared.
 */
@Tag("vm")
@Timeout(600)
class VmLifeCycleTest {
    private static final String ROUNDS = "xenvmc.vm.rounds";
    private static final String ORDER = "xenvmc.vm.order";
    private static final String LONG = "xenvmc.test.long";
    private static final int DIRTY_MB = 48;

    @ParameterizedTest
    @EnumSource(MigrationMode.class)
    void shouldKeepEveryByteWhenAGuestGoesAwayAndComesBackAndFailsToGoAgain(MigrationMode order) throws Exception {
        try (VmScene scene = VmScene.open(order)) {
            assertThat(scene.moveTo(scene.there())).isOne();
            scene.awaitTcp(); // nobody else is there

            assertThat(scene.moveTo(scene.here())).isZero();
            scene.awaitShared();

            JsonObject report = failHalfWay(scene, order);
            assertThat(report.text("outcome")).as("%s", report).isEqualTo("ROLLED_BACK");
            scene.awaitShared();
            scene.finish();
        }
    }

    /** The destination dies: in the order early the device is unplugged by then, in the order keep the guest has left it. */
    private static JsonObject failHalfWay(VmScene scene, MigrationMode order) throws IOException {
        String fatal = order == MigrationMode.EARLY ? "migrate" : "finish";
        GuestMove move = scene.move(scene.there(), scene.plan(24 << 20));
        return scene.run(move, (step, details) -> {
            if (step.equals(fatal)) {
                close(move.destination());
            }
        });
    }

    private static void close(Guest guest) {
        try {
            guest.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The paper's stop rule: after so many rounds the guest is stopped, however much remains. */
    @Test
    void shouldMoveAGuestThatDirtiesMemoryFasterThanItIsCopied() throws Exception {
        try (VmScene scene = VmScene.open(MigrationMode.KEEP)) {
            scene.moves().ask("dirty " + DIRTY_MB);
            long rounds = 3;
            GuestMove.Planning planning = (id, uri) -> {
                MigrationPlan p = scene.plan(24 << 20).plan(id, uri);
                return new MigrationPlan(
                        id, uri, p.order(), p.limit(), p.bytesPerSecond(), 300, 1 << 20, rounds, p.overall());
            };
            JsonObject report = scene.run(scene.move(scene.here(), planning), (step, details) -> {});

            assertThat(report.text("outcome")).as("%s", report).isEqualTo("COMPLETED");
            assertThat(report.object("qemu").number("dirtySyncs")).isGreaterThanOrEqualTo(rounds);
            scene.awaitShared();
            scene.finish();
        }
    }

    /** The long form: {@code -Dxenvmc.vm.rounds=20}, with {@code -Dxenvmc.vm.order=keep} in one order only. */
    @ParameterizedTest
    @EnumSource(MigrationMode.class)
    @EnabledIfSystemProperty(named = ROUNDS, matches = "[0-9]+", disabledReason = "the long form: -D" + ROUNDS + "=20")
    void shouldReturnToSharedMemoryAfterEveryMove(MigrationMode order) throws Exception {
        Assumptions.assumeTrue(
                System.getProperty(ORDER, order.name()).equalsIgnoreCase(order.name()), "another order was asked for");
        try (VmScene scene = VmScene.open(order)) {
            for (int i = 0; i < Integer.getInteger(ROUNDS); i++) {
                assertThat(scene.moveTo(scene.here())).isOne();
                scene.awaitShared();
            }
            scene.finish();
        }
    }

    /** TCP says nothing: the whole machine is gone, and nobody answers at its address. */
    @Test
    @EnabledIfSystemProperty(named = LONG, matches = "true")
    void shouldEndTheConnectionAfterTheLeaseWhenTheOtherGuestIsKilled() throws Exception {
        try (VmScene scene = VmScene.open(MigrationMode.EARLY)) {
            scene.moves().kill();
            assertThat(VmScene.awaitFailure(scene.stays())).contains("ConnectionLostException", "PEER_GONE");
        }
    }
}
