package org.xenvmc.bench.guest;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.xenvmc.bench.session.MeasurementException;
import org.xenvmc.bench.session.RealProgram;
import org.xenvmc.migration.vm.VmUnavailableException;

/** What the programs in the guests need: this program itself, and the mail server from the directory of real programs. */
final class GuestClassPath {
    private static final String MAIL_SERVER = "subethasmtp";

    /** Jars of the directory that only its client needs are left at home: the guest's memory is small. */
    private static final List<String> OF_THE_SERVER =
            List.of(MAIL_SERVER, "guava-mini", "slf4j-api", "jakarta.mail-api", "jakarta.activation-api");

    private static final String TESTS_CLASS_PATH = "surefire.test.class.path";
    private static final List<String> OF_TESTS = List.of(
            "test-classes",
            "junit",
            "opentest4j",
            "apiguardian",
            "assertj",
            "byte-buddy",
            "awaitility",
            "hamcrest",
            "archunit");

    private GuestClassPath() {}

    static List<Path> find() throws IOException {
        // a test's class path is elsewhere: its own is one jar that names the others
        String path = System.getProperty(TESTS_CLASS_PATH, System.getProperty("java.class.path"));
        List<Path> own = Arrays.stream(path.split(File.pathSeparator))
                .map(Path::of)
                .filter(p -> OF_TESTS.stream().noneMatch(p.toString()::contains))
                .filter(Files::exists)
                .toList();
        List<Path> all = new ArrayList<>(own);
        if (own.stream().noneMatch(p -> p.toString().contains(MAIL_SERVER))) {
            all.addAll(mailServer());
        }
        return all;
    }

    private static List<Path> mailServer() throws IOException {
        try (Stream<Path> jars = Files.list(RealProgram.home().resolve(RealProgram.SMTP.directory()))) {
            return jars.filter(
                            p -> OF_THE_SERVER.stream().anyMatch(p.getFileName().toString()::startsWith))
                    .sorted()
                    .toList();
        } catch (MeasurementException e) {
            throw new VmUnavailableException(e.getMessage());
        }
    }
}
