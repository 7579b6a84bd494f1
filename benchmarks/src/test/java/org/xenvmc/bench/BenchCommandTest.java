package org.xenvmc.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class BenchCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        return new CommandLine(new BenchCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }

    private void assertRefused(String naming, String... arguments) {
        assertThat(run(arguments)).isEqualTo(2);
        assertThat(err.toString()).contains(naming);
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void shouldListEveryFigureWithItsGoal() {
        assertThat(run("--list")).isZero();
        assertThat(out.toString().lines())
                .extracting(line -> line.split(" ")[0])
                .containsExactly(
                        "rr.spin",
                        "rr.default",
                        "rr.crowded",
                        "rr.sparse",
                        "rr.selector",
                        "stream.64",
                        "stream.1024",
                        "stream.65536",
                        "ring.agrona",
                        "api.ring",
                        "tcp.stream",
                        "tcp.rr",
                        "framed.stream",
                        "framed.rr",
                        "crr",
                        "pause",
                        "idle",
                        "self.check",
                        "netty.rr",
                        "netty.stream",
                        "program.ftp.100k",
                        "program.ftp.10m",
                        "program.ftp.100m",
                        "program.smtp.1m",
                        "program.smtp.3m",
                        "program.http.small",
                        "program.http.get",
                        "program.http.post",
                        "program.h2.row",
                        "program.h2.blob",
                        "program.grpc.small",
                        "program.grpc.echo",
                        "program.grpc.stream",
                        "at-server.ftp.100k",
                        "at-server.ftp.10m",
                        "at-server.ftp.100m",
                        "at-server.smtp.1m",
                        "at-server.smtp.3m",
                        "at-server.http.small",
                        "at-server.http.get",
                        "at-server.http.post",
                        "at-server.h2.row",
                        "at-server.h2.blob",
                        "at-server.grpc.small",
                        "at-server.grpc.echo",
                        "at-server.grpc.stream",
                        "at-client.ftp.100k",
                        "at-client.ftp.10m",
                        "at-client.ftp.100m",
                        "at-client.smtp.1m",
                        "at-client.smtp.3m",
                        "at-client.http.small",
                        "at-client.http.get",
                        "at-client.http.post",
                        "at-client.h2.row",
                        "at-client.h2.blob",
                        "at-client.grpc.small",
                        "at-client.grpc.echo",
                        "at-client.grpc.stream",
                        "same.ftp.100k",
                        "same.ftp.10m",
                        "same.ftp.100m",
                        "same.smtp.1m",
                        "same.smtp.3m",
                        "same.http.small",
                        "same.http.get",
                        "same.http.post",
                        "same.h2.row",
                        "same.h2.blob",
                        "same.grpc.small",
                        "same.grpc.echo",
                        "same.grpc.stream");
        assertThat(out.toString().lines()).allMatch(line -> line.endsWith("]") && !line.endsWith("[]"));
    }

    @Test
    void shouldListOnlyWhatWasChosen() {
        assertThat(run("--list", "--only", "crr,idle")).isZero();
        assertThat(out.toString().lines())
                .extracting(line -> line.split(" ")[0])
                .containsExactly("crr", "idle");
    }

    @Test
    void shouldTakeAGroupOfFigures() {
        assertThat(run("--list", "--only", "program.grpc.*,idle")).isZero();
        assertThat(out.toString().lines())
                .extracting(line -> line.split(" ")[0])
                .containsExactly("program.grpc.small", "program.grpc.echo", "program.grpc.stream", "idle");
    }

    @Test
    void shouldRefuseAFigureThatDoesNotExistAndNameThoseThatDo() {
        assertRefused("there is no figure 'rr.fast'; choose from rr.spin", "--only", "crr,rr.fast");
    }

    @Test
    void shouldRefuseAnUnknownOption() {
        assertRefused("--fast", "--fast");
    }

    @Test
    void shouldRefuseARepetitionThatIsNoPositiveNumber() {
        assertRefused("--repeat: 0 is not between 1 and", "--repeat", "0");
        assertRefused("'x' is not an int", "--repeat", "x");
    }

    @Test
    void shouldRefuseAReportInADirectoryThatDoesNotExist(@TempDir Path directory) {
        Path file = directory.resolve("missing").resolve("report.json");
        assertRefused("the directory " + file.getParent() + " does not exist", "--json", file.toString());
    }

    @Test
    void shouldRefuseADirectoryAsReport(@TempDir Path directory) {
        assertRefused("this is a directory", "--json", directory.toString());
    }

    @Test
    void shouldRefuseJvmArgumentsWithAnOpenQuote() {
        assertRefused("--fork-args: a quote", "--fork-args", "-Da='x");
    }
}
