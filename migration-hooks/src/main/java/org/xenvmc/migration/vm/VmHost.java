package org.xenvmc.migration.vm;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.xenvmc.migration.qmp.SharedDevice;

/**
 * Everything that guests need of this machine: an image, a network, an accelerator, regions. Closing it, or ending the
 * program, ends all guests and removes all of it. Used by one thread, and closed by any.
 */
public final class VmHost implements AutoCloseable {
    /** Directory for what is kept from one run to the next. */
    public static final String CACHE_PROPERTY = "xenvmc.vm.cache";

    private final Path folder;
    private final List<Guest> guests = new ArrayList<>(); // guarded by this, as are the others
    private final List<Path> regions = new ArrayList<>();
    private final Thread whenKilled = new Thread(this::closeAtTheEnd, "xenvmc-guests-end");
    private GuestImage image;
    private GuestNetwork network;
    private Accelerator accelerator;
    private boolean closed;

    private VmHost(Path folder) {
        this.folder = folder;
    }

    /**
     * Prepares this machine: builds the image (seconds, the first time), makes a network, tries KVM.
     *
     * @param classPath jars and directories of the program in the guests
     * @throws VmUnavailableException when something is missing; the message says what, and how to get it
     */
    public static VmHost open(List<Path> classPath) throws IOException {
        if (Shell.find(QemuCommand.PROGRAM).isEmpty()) {
            throw new VmUnavailableException(
                    "no " + QemuCommand.PROGRAM + ": install QEMU (apt-get install qemu-system-x86)");
        }
        String home = System.getProperty("user.home", "/tmp");
        Path cache = Path.of(System.getProperty(CACHE_PROPERTY, home + "/.cache/xenvmc/vm"));
        VmHost host = new VmHost(Files.createTempDirectory("xenvmc-vm"));
        Runtime.getRuntime().addShutdownHook(host.whenKilled);
        boolean done = false;
        try {
            host.prepare(cache, classPath);
            done = true;
            return host;
        } finally {
            if (!done) {
                host.close();
            }
        }
    }

    private void prepare(Path cache, List<Path> classPath) throws IOException {
        image = GuestImage.build(cache, classPath, folder);
        GuestNetwork made = GuestNetwork.open();
        synchronized (this) {
            if (closed) {
                made.close();
                throw new IOException("this program is ending");
            }
            network = made;
        }
        accelerator = Accelerator.probe(this, cache);
    }

    Path folder() {
        return folder;
    }

    GuestImage image() {
        return image;
    }

    GuestNetwork network() {
        return network;
    }

    /** How the guests run, for people: figures mean something only beside this. */
    public String description() {
        return (accelerator == Accelerator.KVM ? "KVM" : "emulated processor (TCG)") + ", " + network.description();
    }

    /** New shared memory, all zero. */
    public synchronized Path region(int bytes) throws IOException {
        Path shm = Path.of("/dev/shm");
        Path parent = Files.isWritable(shm) ? shm : folder;
        Path region = parent.resolve("xenvmc-region-" + UUID.randomUUID());
        regions.add(region);
        try (RandomAccessFile f = new RandomAccessFile(region.toFile(), "rw")) {
            f.setLength(bytes);
        }
        return region;
    }

    /**
     * Starts a guest.
     *
     * @param name its name, unique among the guests of this object
     * @param number decides its address, 10.9.0.NUMBER; a guest that another is moved to has the same
     * @param region shared memory that is plugged in from the beginning, or null
     * @param mainClass the program to start
     * @param javaOptions options of its JVM
     */
    public Guest start(String name, int number, Path region, String mainClass, List<String> javaOptions)
            throws IOException {
        return start(name, number, region, mainClass, javaOptions, null);
    }

    /** Starts a process that waits for a guest to be moved to it over this URI. Without shared memory. */
    public Guest await(String name, int number, String mainClass, List<String> javaOptions, String incoming)
            throws IOException {
        return start(name, number, null, mainClass, javaOptions, incoming);
    }

    private Guest start(
            String name, int number, Path region, String mainClass, List<String> javaOptions, String incoming)
            throws IOException {
        return start(setup(name, number, region, mainClass, javaOptions, false, incoming));
    }

    private static Guest.Setup setup(
            String name,
            int number,
            Path region,
            String mainClass,
            List<String> javaOptions,
            boolean migrated,
            String incoming)
            throws IOException {
        SharedDevice device = region == null ? null : Guest.device(region, migrated);
        return new Guest.Setup(name, number, mainClass, String.join(",", javaOptions), migrated, device, incoming);
    }

    /**
     * Starts a guest whose shared memory is copied with it ({@code master=on}), so that it can be migrated while it uses
     * it (the order keep).
     *
     * @see #start(String, int, Path, String, List)
     */
    public Guest startKeeping(String name, int number, Path region, String mainClass, List<String> javaOptions)
            throws IOException {
        return start(setup(name, number, region, mainClass, javaOptions, true, null));
    }

    /**
     * A process to which a guest can be moved over this URI. If the guest's shared memory comes with it, there is a region
     * of the same size for that, which nobody else has.
     */
    Guest successor(Guest guest, String name, String incoming) throws IOException {
        Guest.Setup s = guest.setup();
        SharedDevice copy = null;
        if (s.migrated()) {
            copy = Guest.device(region((int) s.device().sizeBytes()), true);
        }
        return start(new Guest.Setup(name, s.number(), s.mainClass(), s.javaOptions(), s.migrated(), copy, incoming));
    }

    private synchronized Guest start(Guest.Setup setup) throws IOException {
        if (closed) {
            throw new IOException("no guest is started any more");
        }
        Guest guest = Guest.start(this, accelerator, setup);
        guests.add(guest);
        return guest;
    }

    private void closeAtTheEnd() {
        try {
            close();
        } catch (IOException e) {
            System.getLogger(VmHost.class.getName())
                    .log(System.Logger.Level.WARNING, "guests left something behind", e);
        }
    }

    @Override
    public synchronized void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        forgetEnd();
        List<AutoCloseable> all = new ArrayList<>(guests);
        if (network != null) {
            all.add(network);
        }
        regions.forEach(region -> all.add(() -> Files.deleteIfExists(region)));
        all.add(this::deleteFolder);
        IOException failed = new IOException("not everything that guests used could be removed");
        for (AutoCloseable each : all) {
            try {
                each.close();
            } catch (Exception e) {
                failed.addSuppressed(e);
            }
        }
        if (failed.getSuppressed().length > 0) {
            throw failed;
        }
    }

    private void forgetEnd() {
        try {
            Runtime.getRuntime().removeShutdownHook(whenKilled);
        } catch (IllegalStateException e) {
            // the process is ending: perhaps this is that thread
        }
    }

    private void deleteFolder() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path p : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(p);
            }
        }
    }
}
