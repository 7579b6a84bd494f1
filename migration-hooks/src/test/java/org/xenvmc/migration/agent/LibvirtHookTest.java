package org.xenvmc.migration.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xenvmc.migration.hook.ControlSocket;
import org.xenvmc.migration.hook.RecordingHook;
import picocli.CommandLine;

/** The hook script, called as libvirt calls it, and the command behind it. */
@Tag("journal")
@SuppressWarnings("try")
class LibvirtHookTest {
    private static final Path SCRIPT = Path.of("src/main/libvirt/qemu").toAbsolutePath();
    private static final String UUID = "c7a5fdbd-edaf-9455-926a-d65c16db1809";

    @TempDir
    private Path dir;

    private final RecordingHook guest = new RecordingHook();
    private Path xml;

    @BeforeEach
    void write() throws IOException {
        xml = dir.resolve("domain.xml");
        Files.writeString(xml, xml("org.xenvmc.control"));
    }

    private String xml(String channel) {
        return "<domain type='kvm' id='3'>\n  <name>vm1</name>\n  <uuid>" + UUID + "</uuid>\n  <devices>\n"
                + "    <channel type='unix'><source mode='bind' path='/other'/>"
                + "<target type='virtio' name='org.qemu.guest_agent.0' state='connected'/></channel>\n"
                + "    <channel type='unix'>\n      <source mode='bind' path='" + dir.resolve("vm1.control") + "'/>\n"
                + "      <target type='virtio' name='" + channel + "'/>\n    </channel>\n  </devices>\n</domain>\n";
    }

    private int hook(String operation, String subOperation) throws Exception {
        ProcessBuilder builder =
                new ProcessBuilder(SCRIPT.toString(), "vm1", operation, subOperation, "-").redirectInput(xml.toFile());
        builder.environment()
                .put(
                        "XENVMC",
                        Path.of(System.getProperty("java.home"), "bin", "java") + " -cp "
                                + System.getProperty("java.class.path") + " " + Main.class.getName());
        builder.environment().put("XENVMC_LOG", dir.resolve("log").toString());
        Path out = dir.resolve("out");
        Process process =
                builder.redirectErrorStream(true).redirectOutput(out.toFile()).start();
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(out).isEmptyFile(); // libvirt would take it for another XML
        return process.exitValue();
    }

    private String run(int code, String... arguments) {
        StringWriter out = new StringWriter();
        CommandLine line = Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(out));
        assertThat(line.execute(arguments)).as(out.toString()).isEqualTo(code);
        return out.toString();
    }

    @Test
    void shouldTellTheGuestWhenLibvirtHasStartedIt() throws Exception {
        assertThat(hook("started", "begin")).isZero(); // before the guest answers: libvirt is not held up
        try (ControlSocket socket = ControlSocket.listen(dir, "vm1", guest)) {
            guest.await("resumed null");
            assertThat(guest.ids).containsExactly("libvirt-" + UUID);
            assertThat(socket.path()).exists();
        }
    }

    @Test
    void shouldDoNothingForOtherOperations() throws Exception {
        for (List<String> call : List.of(
                List.of("prepare", "begin"),
                List.of("start", "begin"),
                List.of("migrate", "begin"),
                List.of("stopped", "end"),
                List.of("release", "end"),
                List.of("reconnect", "begin"))) {
            assertThat(hook(call.get(0), call.get(1))).as("%s", call).isZero();
        }
        assertThat(dir.resolve("log")).doesNotExist();
    }

    @Test
    void shouldHaveTheGuestLeaveAndStay() throws Exception {
        try (ControlSocket socket = ControlSocket.listen(dir, "vm1", guest)) {
            assertThat(run(0, "libvirt", "vm1", "leave", "--xml", xml.toString()))
                    .contains("vm1: leave accepted");
            run(0, "libvirt", "vm1", "stay", "--xml", xml.toString());
            guest.await("prepare EARLY 10000 null", "finish", "aborted");
            guest.refused.add("finish");
            assertThat(run(1, "libvirt", "vm1", "leave", "--xml", xml.toString()))
                    .contains("I will not finish");
            assertThat(guest.ids).containsExactly("libvirt-" + UUID);
            assertThat(socket.path()).exists();
        }
    }

    @Test
    void shouldLeaveGuestsOfOthersAlone() throws Exception {
        Files.writeString(xml, xml("org.other"));

        assertThat(run(0, "libvirt", "vm1", "started", "--xml", xml.toString())).isEmpty();
        assertThat(run(1, "libvirt", "vm1", "leave", "--xml", xml.toString())).contains("no channel");
        Files.writeString(xml, "<!DOCTYPE domain [<!ENTITY a SYSTEM '/etc/passwd'>]><domain><uuid>&a;</uuid></domain>");
        assertThat(run(1, "libvirt", "vm1", "leave", "--xml", xml.toString())).contains("not the XML of a domain");
    }
}
