package org.xenvmc.migration.vmdemo;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.xenvmc.migration.cli.BandwidthOption;
import org.xenvmc.migration.cli.JsonOption;
import org.xenvmc.migration.cli.OrderOption;
import org.xenvmc.migration.cli.Version;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.migration.vm.VmUnavailableException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code vm-demo}: the live migration of a real guest. */
@Command(
        name = "vm-demo",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Starts two guests under QEMU (with KVM where that works, else emulated) that share memory, and migrates",
            "one of them live to another QEMU while a connection between them carries data in both directions. Every",
            "byte is compared. Shows throughput over time for each path, with the steps of the migration. Everything",
            "that it starts is ended and removed."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every migration was completed, and every byte agreed",
            "1:something did not, or could not be done; the output says what",
            "2:an option or argument is wrong",
            "3:something is missing; the output says what to install"
        })
public final class VmDemoCommand implements Callable<Integer> {
    private static final int MISSING = 3;
    private static final int MOST_ROUNDS = 100;
    private static final int MOST_MB = 100_000;

    @Spec
    private CommandSpec spec;

    @Option(names = "--rounds", paramLabel = "N", description = "Migrations. Default: ${DEFAULT-VALUE}.")
    private int rounds = 1;

    @Mixin
    private OrderOption order;

    @Option(
            names = "--rate-mb",
            paramLabel = "MB",
            description = "Traffic per second in each direction. Default: ${DEFAULT-VALUE}.")
    private int rateMb = 2;

    @Mixin
    private BandwidthOption bandwidth = new BandwidthOption(64);

    @Option(
            names = "--svg",
            paramLabel = "FILE",
            description = "Write the picture to FILE. Default: ${DEFAULT-VALUE}, here.")
    private Path svg = Path.of("xenvmc-vm-demo.svg");

    @Option(
            names = "--fetch-kernel",
            description = "If there is no kernel for guests, fetch Debian's package with apt-get and unpack it under"
                    + " ~/.cache/xenvmc.")
    private boolean fetchKernel;

    @Mixin
    private JsonOption json;

    /** For picocli. */
    public VmDemoCommand() {}

    @Override
    public Integer call() throws IOException {
        check();
        if (fetchKernel) {
            System.setProperty("xenvmc.vm.fetch", "true");
        }
        PrintWriter out = json.replacesText()
                ? spec.commandLine().getErr()
                : spec.commandLine().getOut();
        VmDemoPlan plan = new VmDemoPlan(rounds, order.value(), rateMb * 1_000_000L, bandwidth.bytesPerSecond());
        VmDemoResult result;
        try {
            result = new VmDemo(plan, out).run();
        } catch (VmUnavailableException e) {
            PrintWriter err = spec.commandLine().getErr();
            err.println("vm-demo: " + e.getMessage());
            err.flush();
            return MISSING;
        }
        out.println();
        out.print(TextChart.render(result.timeline()));
        print(out, result);
        json.write(result.toJson());
        SvgChart.write(result.timeline(), title(result), svg);
        out.println("picture: " + svg.toAbsolutePath());
        out.flush();
        return result.problems().isEmpty() ? 0 : 1;
    }

    private static String title(VmDemoResult r) {
        return "Live migration of a guest, order " + r.plan().order().name().toLowerCase(Locale.ROOT) + ", "
                + r.guests();
    }

    private static void print(PrintWriter out, VmDemoResult result) throws IOException {
        for (JsonObject m : result.migrations()) {
            if (m.has("qemu")) {
                JsonObject q = m.object("qemu");
                out.println("QEMU: " + q.number("totalMs") + " ms, downtime " + q.number("downtimeMs") + " ms, "
                        + q.number("transferredBytes") / 1_000_000 + " MB, " + q.number("normalPages") + " pages, "
                        + q.number("dirtySyncs") + " rounds; from announcement to shared memory "
                        + m.number("wallMs") + " ms");
            }
        }
        if (result.guests().contains("TCG")) {
            out.println("The processor was emulated: these figures predict nothing about KVM or Xen.");
        }
        result.problems().forEach(p -> out.println("PROBLEM: " + p));
        if (result.problems().isEmpty()) {
            out.println("all " + result.comparedBytes() + " bytes agreed");
        }
    }

    private void check() {
        between("--rounds", rounds, MOST_ROUNDS);
        between("--rate-mb", rateMb, MOST_MB);
        bandwidth.check();
        json.check();
        Path directory = svg.toAbsolutePath().getParent();
        if (Files.isDirectory(svg) || directory == null || !Files.isWritable(directory)) {
            throw new ParameterException(spec.commandLine(), "--svg " + svg + " cannot be written");
        }
    }

    private void between(String option, int value, int max) {
        if (value < 1 || value > max) {
            throw new ParameterException(spec.commandLine(), option + ": " + value + " is not between 1 and " + max);
        }
    }
}
