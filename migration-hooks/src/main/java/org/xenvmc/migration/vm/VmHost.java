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

/**
 * Everything that guests need of this machine: an image, a network, an accelerator, regions. Closing it ends all guests and removes
 * all of it. Used by one thread.
 */
public final class VmHost implements AutoCloseable {
    /** Directory for what is kept from one run to the next. */
    public static final String CACHE_PROPERTY = "xenvmc.vm.cache";

    private final Path folder;
    private final GuestImage image;
    private final GuestNetwork network;
    private final Accelerator accelerator;
    private final List<Guest> guests;
    private final List<Path> regions;

    private VmHost(
            Path folder,
            GuestImage image,
            GuestNetwork network,
            Accelerator accelerator,
            List<Guest> guests,
            List<Path> regions) {
        this.folder = folder;
        this.image = image;
        this.network = network;
        this.accelerator = accelerator;
        this.guests = guests;
        this.regions = regions;
    }

    /**
     * Prepares this machine: builds the image (seconds, the first time), makes a network, tries KVM.
     *
     * @param classPath jars and directories of the program in the guests
     * @throws VmUnavailableException when something is missing; the message says what, and how to get it
     */
    public static VmHost open(List<Path> classPath) throws IOException {
        if (Shell.find("qemu-system-x86_64").isEmpty()) {
            throw new VmUnavailableException("no qemu-system-x86_64: install QEMU (apt-get install qemu-system-x86)");
        }
        String home = System.getProperty("user.home", "/tmp");
        Path cache = Path.of(System.getProperty(CACHE_PROPERTY, home + "/.cache/xenvmc/vm"));
        Path folder = Files.createTempDirectory("xenvmc-vm");
        GuestNetwork network = null;
        boolean done = false;
        try {
            GuestImage image = GuestImage.build(cache, classPath, folder);
            network = GuestNetwork.open();
            VmHost host = new VmHost(folder, image, network, Accelerator.TCG, new ArrayList<>(), new ArrayList<>());
            host = host.with(Accelerator.probe(host));
            done = true;
            return host;
        } finally {
            if (!done) {
                new VmHost(folder, null, network, null, List.of(), List.of()).close();
            }
        }
    }

    VmHost with(Accelerator other) {
        return new VmHost(folder, image, network, other, guests, regions);
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

    Accelerator accelerator() {
        return accelerator;
    }

    /** How the guests run, for people: figures mean something only beside this. */
    public String description() {
        return (accelerator == Accelerator.KVM ? "KVM" : "emulated processor (TCG)") + ", " + network.description();
    }

    /** New shared memory, all zero. */
    public Path region(int bytes) throws IOException {
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
        Guest guest = Guest.start(
                this,
                new Guest.Setup(
                        name,
                        "10.9.0." + number,
                        String.format("52:54:00:00:00:%02x", number),
                        mainClass,
                        String.join(",", javaOptions),
                        region,
                        incoming));
        guests.add(guest);
        return guest;
    }

    @Override
    public void close() throws IOException {
        for (Guest guest : guests) {
            guest.close();
        }
        if (network != null) {
            network.close();
        }
        for (Path region : regions) {
            Files.deleteIfExists(region);
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path p : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(p);
            }
        }
    }
}
