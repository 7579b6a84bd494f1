package org.xenvmc.bench.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.xenvmc.bench.guest.inside.GuestMain;
import org.xenvmc.migration.vm.Guest;
import org.xenvmc.migration.vm.GuestMove;
import org.xenvmc.migration.vm.VmHost;

/**
 * Two fresh guests: VM1, which is migrated, and VM2, which sends. Each case gets its own, so that none finds the memory that another
 * left behind. Used by one thread.
 */
final class Scene implements AutoCloseable {
    static final String ADDRESS_1 = "10.9.0.1";
    static final int PORT = 9000;

    /** Enough for two VMs with a ring of 1 MiB for each of 20 connections. */
    private static final int REGION_BYTES = 64 << 20;

    private static final List<String> OPTIONS = List.of(
            "-Xms48m",
            "-Xmx160m",
            "-Xmn16m",
            "-XX:MaxDirectMemorySize=160m",
            "-Dxenvmc.host.dir=ivshmem",
            "-Dxenvmc.network=guests",
            "-Dxenvmc.ivshmem.vms=2",
            "-Dxenvmc.ring.max=1m",
            "-Dxenvmc.upgrade.after.operations=0",
            "-Dxenvmc.switch.limit.ms=20000");
    private static final String LISTENS_TO_HOST = "-Dxenvmc.migration.sources=control";

    private final VmHost host;
    private final String name;
    private final boolean spins;
    private final Path sockets;
    private final List<Guest> guests = new ArrayList<>();
    private final Guest first;
    private final Guest second;

    /**
     * Boots both.
     *
     * @param number of the case, so that names differ
     */
    Scene(VmHost host, Scenario scenario, int number) throws IOException {
        Way way = scenario.way();
        this.host = host;
        this.spins = scenario.spins();
        this.name = "vm1-" + number;
        this.sockets = Files.createTempDirectory("xenvmc-experiment");
        Path region = way.library() ? host.region(REGION_BYTES) : null;
        boolean done = false;
        try {
            second = started("vm2-" + number, 2, region, false);
            first = started(name, 1, region, way.keeps());
            new GuestLine(first).awaitUp();
            new GuestLine(second).awaitUp();
            done = true;
        } finally {
            if (!done) {
                close();
            }
        }
    }

    private Guest started(String name, int number, Path region, boolean keeps) throws IOException {
        String main = GuestMain.class.getName();
        Guest guest = keeps
                ? host.startKeeping(name, number, region, main, options(number))
                : host.start(name, number, region, main, options(number));
        guests.add(guest);
        return guest;
    }

    private List<String> options(int number) {
        List<String> options = new ArrayList<>(OPTIONS);
        if (number == 1) {
            options.add(LISTENS_TO_HOST);
        }
        if (spins) {
            options.add("-Dxenvmc.wait=spin");
            // with one processor the library would let the guest's other threads in between
            options.add("-XX:ActiveProcessorCount=2");
        }
        return options;
    }

    Guest first() {
        return first;
    }

    GuestLine line1() {
        return new GuestLine(first);
    }

    GuestLine line2() {
        return new GuestLine(second);
    }

    /** What is going to move VM1, which has the library, to another host, whose memory nobody else uses. */
    GuestMove move(GuestMove.Planning planning) throws IOException {
        GuestMove move = GuestMove.begin(host, first, name + "-there", host.region(REGION_BYTES), planning);
        guests.add(move.destination());
        return move;
    }

    /** A URI for a migration. */
    String incoming() {
        return "unix:" + sockets.resolve(name);
    }

    /** A process that waits for VM1, which has no shared memory, over this URI. */
    Guest plainDestination(String uri) throws IOException {
        Guest guest = host.await(name + "-there", 1, GuestMain.class.getName(), options(1), uri);
        guests.add(guest);
        return guest;
    }

    @Override
    public void close() throws IOException {
        for (Guest guest : guests) {
            guest.close();
        }
        Files.deleteIfExists(sockets.resolve(name));
        Files.deleteIfExists(sockets);
    }
}
