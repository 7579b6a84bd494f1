package org.xenvmc.migration.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineTest {
    @TempDir
    private Path dir;

    @Test
    void shouldListTheCommandsWhenAskedForHelp() {
        Cli cli = Cli.run("--help");

        assertThat(cli.exitCode()).isZero();
        assertThat(cli.out())
                .contains("demo", "stat", "check", "migrate", "switch", "Exit codes")
                .doesNotContain("demo-vm");
    }

    @ParameterizedTest
    @ValueSource(strings = {"demo", "stat", "check", "migrate", "switch"})
    void shouldExplainEveryCommand(String command) {
        Cli cli = Cli.run(command, "--help");

        assertThat(cli.exitCode()).isZero();
        assertThat(cli.out()).contains("Usage: xenvmc " + command, "--json");
    }

    @Test
    void shouldTellItsVersion() {
        assertThat(Cli.run("--version").out()).contains("Advance-XenVMC", "Java " + Runtime.version());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                                      | a command is missing",
                "nonsense                                | nonsense",
                "stat --nonsense                         | --nonsense",
                "stat --json /nowhere/x.json             | does not exist",
                "stat --json /                           | is a directory",
                "check                                   | HOST:PORT",
                "check localhost                         | not of the form",
                "check localhost:0                       | not between",
                "check localhost:x                       | not a port",
                "check ::1:80                            | not of the form",
                "migrate --vm 1                          | --to",
                "migrate --vm 1 --to /x --host /x        | is the host on which the VM is",
                "migrate --vm 1 --to /x --mode sideways  | sideways",
                "migrate --vm 1 --to /x --limit-ms 0     | --limit-ms",
                "switch --vm 1 sideways                  | sideways",
                "switch on                               | --vm",
                "stat --watch 0                          | --watch",
                "stat --reason SOLAR_FLARE               | SOLAR_FLARE",
                "stat --path pigeon                      | pigeon",
                "demo --moves 0                          | --moves",
                "demo --file /nowhere                    | not a file"
            })
    void shouldSayWhatIsWrongWithTheUsage(String line, String complaint) {
        Cli cli = Cli.run(line.isEmpty() ? new String[0] : line.split(" "));

        assertThat(cli.exitCode()).as("%s", cli).isEqualTo(2);
        assertThat(cli.err()).contains(complaint);
        assertThat(cli.out()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"stat", "migrate --vm 1 --to /dev/shm/xv-test-unused", "switch --vm 1 off"})
    void shouldFailInOneSentenceWhenThereIsNoSuchHost(String line) {
        String host = dir.resolve("host").toString();

        Cli cli = Cli.run((line + " --host " + host).split(" "));

        assertThat(cli.exitCode()).as("%s", cli).isEqualTo(1);
        assertThat(cli.err()).contains("there is no host " + host).hasLineCount(1);
        assertThat(Path.of(host)).doesNotExist();
        assertThat(Path.of("/dev/shm/xv-test-unused")).doesNotExist();
    }

    @Test
    void shouldFailWhenTheHostIsNotItsOwn() throws Exception {
        Path open = Files.createDirectory(dir.resolve("open"));
        assertThat(open.toFile().setReadable(true, false)).isTrue();

        Cli cli = Cli.run("stat", "--host", open.toString());

        assertThat(cli.exitCode()).isEqualTo(1);
        assertThat(cli.err()).contains(open.toString(), "permissions");
    }

    @Test
    void shouldSayThatNothingIsReachableWhereNobodyIs() {
        Cli cli = Cli.run("check", "127.0.0.1:9", "--host", dir.resolve("host").toString());

        assertThat(cli.exitCode()).isEqualTo(1);
        assertThat(cli.out()).contains("127.0.0.1:9 stays on TCP: NOT_CO_RESIDENT (10)");
    }

    @Test
    void shouldNameTheReasonWhenTheHostCannotBeUsed() throws Exception {
        Path open = Files.createDirectory(dir.resolve("open"));
        assertThat(open.toFile().setReadable(true, false)).isTrue();

        Cli cli = Cli.run("check", "[::1]:9", "--host", open.toString(), "--json", "-");

        assertThat(cli.exitCode()).isEqualTo(1);
        assertThat(cli.out()).contains("\"reason\": \"HOST_DIRECTORY_UNUSABLE\"", "\"reachable\": false");
    }

    @Test
    void shouldFailWhenANameCannotBeResolved() {
        Cli cli = Cli.run("check", "no-such-host.invalid:80");

        assertThat(cli.exitCode()).isEqualTo(1);
        assertThat(cli.err()).contains("no-such-host.invalid");
    }
}
