package org.xenvmc.migration.cli.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.xenvmc.migration.cli.demo.vm.DemoVm;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** What the demo starts in its two VMs. */
@Command(name = "demo-vm", hidden = true, description = "One VM of the demo; started by it.")
public final class DemoVmCommand implements Callable<Integer> {
    @Parameters(paramLabel = "HOSTDIR", description = "The demo's hosts.")
    private List<Path> hosts = List.of();

    /** For picocli. */
    public DemoVmCommand() {}

    @Override
    public Integer call() throws IOException {
        // everything else that prints would disturb the answers
        PrintStream answers = System.out;
        System.setOut(System.err);
        boolean told = false;
        try {
            BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            told = new DemoVm(answers).run(commands);
        } finally {
            if (!told) {
                hosts.forEach(DemoHosts::remove); // the demo is gone, and cannot do it any more
            }
        }
        return 0;
    }
}
