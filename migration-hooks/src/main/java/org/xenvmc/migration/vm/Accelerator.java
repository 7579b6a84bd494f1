package org.xenvmc.migration.vm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;

/** Hardware virtualisation where it really works, else emulation. */
enum Accelerator {
    /** The processor's. */
    KVM(List.of("-accel", "kvm", "-cpu", "host")),
    /** QEMU's translation. */
    TCG(List.of("-accel", "tcg,thread=multi", "-cpu", "max"));

    static final String PROPERTY = "xenvmc.vm.accelerator";
    static final String CLOCK_PROPERTY = "xenvmc.vm.tsc.khz";
    private static final Path KVM_DEVICE = Path.of("/dev/kvm");

    /** A kernel that boots at all is there long before this. */
    private static final Duration PROBE_LIMIT = Duration.ofSeconds(12);

    private final List<String> arguments;

    Accelerator(List<String> arguments) {
        this.arguments = arguments;
    }

    List<String> arguments() {
        return arguments;
    }

    /** What the guest's kernel has to be told. */
    String kernelArguments() {
        return this == KVM ? "" : "no_timer_check tsc=reliable tsc_early_khz=" + clockKhz();
    }

    /** Under emulation the guest's clock is the host's counter: a kernel that measures it under load measures nonsense. */
    private static long clockKhz() {
        Long set = Long.getLong(CLOCK_PROPERTY);
        if (set != null) {
            return set;
        }
        try {
            return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                    .filter(l -> l.startsWith("cpu MHz"))
                    .map(l -> l.substring(l.indexOf(':') + 1).trim())
                    .mapToDouble(Double::parseDouble)
                    .mapToLong(mhz -> Math.round(mhz * 1000))
                    .findFirst()
                    .orElse(2_000_000);
        } catch (IOException e) {
            return 2_000_000;
        }
    }

    /**
     * Boots a guest with KVM, which may be there and not work; takes emulation if that does not succeed. What came out is
     * kept until this machine boots again.
     *
     * @param cache directory for what is kept
     */
    static Accelerator probe(VmHost host, Path cache) throws IOException {
        String asked = System.getProperty(PROPERTY, "");
        if (!asked.isEmpty()) {
            return valueOf(asked.toUpperCase(java.util.Locale.ROOT));
        }
        if (!Files.isWritable(KVM_DEVICE)) {
            return TCG;
        }
        Path known = cache.resolve("accelerator-" + bootId());
        if (Files.exists(known)) {
            return valueOf(Files.readString(known).trim());
        }
        Accelerator found = bootsWithKvm(host) ? KVM : TCG;
        Path draft = Files.createTempFile(cache, "accelerator", ".tmp");
        Files.writeString(draft, found.name());
        Files.move(draft, known, StandardCopyOption.REPLACE_EXISTING);
        return found;
    }

    private static String bootId() throws IOException {
        return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).trim();
    }

    private static boolean bootsWithKvm(VmHost host) {
        Guest.Setup setup = new Guest.Setup("probe", 250, "", "", false, null, null);
        try (Guest guest = Guest.start(host, KVM, setup)) {
            guest.awaitConsole("GUEST-UP", PROBE_LIMIT);
            return true;
        } catch (IOException e) {
            System.getLogger(Accelerator.class.getName())
                    .log(System.Logger.Level.DEBUG, "KVM does not boot a guest here", e);
            return false;
        }
    }
}
