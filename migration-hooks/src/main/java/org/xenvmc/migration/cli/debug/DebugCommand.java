package org.xenvmc.migration.cli.debug;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import org.xenvmc.migration.cli.HostOption;
import org.xenvmc.migration.cli.Version;
import org.xenvmc.migration.command.Settings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code debug}: a bundle for a bug report. */
@Command(
        name = "debug",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Writes a zip file for a bug report: versions, limits, the host with its VMs and connections, settings,",
            "and a self test. Never in it: bytes of connections, the environment, command lines, other properties",
            "than xenvmc.*. It is text; look at it before you send it."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:the bundle is written", "1:it could not be written", "2:an option or argument is wrong"})
public final class DebugCommand implements Callable<Integer> {
    private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss");

    @Spec
    private CommandSpec spec;

    @Mixin
    private HostOption host;

    @Option(
            names = "--output",
            paramLabel = "FILE.zip",
            description = "The file to write. Default: xenvmc-debug-<time>.zip in this directory.")
    private Path output;

    @Option(
            names = "--log",
            paramLabel = "FILE",
            description = "Log of a program that uses the library: the last lines of it that speak of the library.")
    private Path log;

    @Option(
            names = "--anonymise",
            description = "Put names in the place of addresses, of this machine and of this user.")
    private boolean anonymise;

    /** For picocli. */
    public DebugCommand() {}

    @Override
    public Integer call() throws IOException {
        Path file =
                output == null ? Path.of("xenvmc-debug-" + LocalDateTime.now().format(STAMP) + ".zip") : output;
        check(file);
        Path directory = Path.of(host.directory());
        Bundle bundle = new Bundle();
        bundle.add("versions.txt", "library, Java, operating system", SystemFacts::versions);
        bundle.add("limits.txt", "limits of this user, the kernel's settings, memory", SystemFacts::limits);
        bundle.add("file-system.txt", "space and mount of the host directory", () -> SystemFacts.fileSystem(directory));
        bundle.add("host-directory.txt", "its files with owners and modes", () -> HostListing.of(directory));
        HostReport.add(bundle, host);
        bundle.add("properties.json", "settings of this command", () -> Settings.of(System.getProperties())
                .toIndentedText());
        if (log != null) {
            bundle.add("log.txt", "the last lines of the log that speak of the library", () -> LogExcerpt.of(log));
        }
        bundle.add(
                "self-test.txt",
                "mapping, futex, ring, connection on a host of its own",
                () -> SelfTest.run(directory));
        bundle.write(file, anonymise ? anonymiser() : UnaryOperator.identity());
        PrintWriter out = spec.commandLine().getOut();
        out.println(file.toAbsolutePath() + " contains:");
        out.print(bundle.contents());
        out.println(
                anonymise
                        ? "Addresses, this machine and this user are anonymised."
                        : "Addresses are as they are;" + " --anonymise puts names in their place.");
        out.flush();
        return 0;
    }

    private void check(Path file) {
        Path directory = file.toAbsolutePath().getParent();
        if (directory == null || !Files.isDirectory(directory) || Files.isDirectory(file)) {
            throw new ParameterException(
                    spec.commandLine(), "--output " + file + ": name a file in a directory that exists");
        }
        if (log != null && !Files.isReadable(log)) {
            throw new ParameterException(spec.commandLine(), "--log " + log + ": there is no such file to read");
        }
    }

    private static UnaryOperator<String> anonymiser() {
        Anonymiser anonymiser = new Anonymiser().word(System.getProperty("user.name"), "user");
        try {
            String name = InetAddress.getLocalHost().getHostName();
            anonymiser.word(name, "machine");
            anonymiser.word(name.replaceFirst("\\..*", ""), "machine");
        } catch (UnknownHostException e) {
            return anonymiser::apply; // a machine without a name
        }
        return anonymiser::apply;
    }
}
