package org.xenvmc.migration.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.xenvmc.migration.command.Addresses;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.shm.connection.ControlClient;
import org.xenvmc.shm.provider.ProviderException;
import org.xenvmc.transport.HostStatus.VmEntry;
import org.xenvmc.transport.ReasonCode;
import org.xenvmc.transport.VmcContext;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code check}: can an address be reached over shared memory from here, and if not, why. */
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Says whether a connection from here to an address can be on shared memory, and if not, exactly why.",
            "Looks at this side's configuration, at the host and its table, and at networks, and asks the VM that",
            "listens there whether it would accept. What it looks with is what connections are decided with.",
            "Configuration of a program is checked by giving the same properties in XENVMC_JAVA_OPTS."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:shared memory is possible (with --connect: both ends have agreed)",
            "1:it is not; the output says why",
            "2:an option or argument is wrong"
        })
final class CheckCommand implements Callable<Integer> {
    private static final Duration LIMIT = Duration.ofSeconds(5);

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "HOST:PORT", description = "Where to; an IPv6 address stands in brackets.")
    private String target;

    @Mixin
    private HostOption host;

    @Option(
            names = "--connect",
            description = "Connect, too, and see what both ends agree on. Nothing is sent on the connection.")
    private boolean connect;

    @Mixin
    private JsonOption json;

    @Option(
            names = "--vm",
            paramLabel = "ID",
            description = "Check for this running VM, with its configuration and its network: number or UUID.")
    private String vm;

    @Override
    public Integer call() throws IOException {
        json.check();
        if (connect && vm != null) {
            throw wrong("--connect and --vm exclude each other: the connection would be made here");
        }
        InetSocketAddress address = resolve(target);
        Reachability result = new Reachability(address);
        try {
            VmcContext context = host.context().conclude();
            if (vm == null) {
                result.configuration(context, Addresses.localTowards(address));
            }
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
        look(result, address);
        if (connect && result.possible()) {
            TrialConnection.make(address, host.context(), result);
        }
        if (!json.replacesText()) {
            PrintWriter out = spec.commandLine().getOut();
            out.print(result);
            out.flush();
        }
        json.write(result.toJson());
        return result.possible() ? 0 : 1;
    }

    private void look(Reachability result, InetSocketAddress address) throws IOException {
        String directory = host.directory();
        if (host.isDirectory() && !Files.isDirectory(Path.of(directory), LinkOption.NOFOLLOW_LINKS)) {
            if (Files.exists(Path.of(directory), LinkOption.NOFOLLOW_LINKS)) {
                result.bad("host", ReasonCode.HOST_DIRECTORY_UNUSABLE, directory + " is a link, or not a directory");
            } else {
                result.bad("host", ReasonCode.NOT_CO_RESIDENT, "no VM was started on " + directory);
            }
            return;
        }
        try (ControlClient client = ControlClient.open(host.context())) {
            int vms = client.vms().size();
            result.good("host", directory + " can be used; VMs on it: " + vms);
            Viewpoint view = view(result, client, address);
            if (view != null) {
                result.candidates(view, peer -> accepts(client, peer, address, view));
            }
        } catch (ProviderException e) {
            result.bad("host", e.reason(), e.getMessage());
        }
    }

    /** What the side that would connect sees; null when it does not answer. */
    private Viewpoint view(Reachability result, ControlClient client, InetSocketAddress address) throws IOException {
        if (vm == null) {
            return Viewpoint.ofTool(client, address);
        }
        VmEntry asked = VmSelection.find(client.vms(), host.directory(), vm);
        Viewpoint view = Viewpoint.ofVm(client, asked.id().domId(), address, LIMIT);
        result.vmItself(Reachability.who(asked), view.obstacle());
        return view;
    }

    private static ReasonCode accepts(ControlClient client, VmEntry peer, InetSocketAddress address, Viewpoint view)
            throws IOException {
        String question = new JsonObject()
                .put("local", Addresses.text(address))
                .put("remote", Addresses.text(view.local()))
                .toString();
        JsonObject answer = JsonObject.parse(Questions.ask(client, peer.id().domId(), "accepts", question, LIMIT));
        return ReasonCode.valueOf(answer.text("obstacle"));
    }

    private InetSocketAddress resolve(String text) throws IOException {
        int colon = text.lastIndexOf(':');
        String name = colon < 0 ? "" : text.substring(0, colon);
        if (name.startsWith("[") && name.endsWith("]")) {
            name = name.substring(1, name.length() - 1);
        } else if (name.contains(":")) {
            name = "";
        }
        if (name.isEmpty()) {
            throw wrong(text + " is not of the form HOST:PORT, such as 10.0.0.1:80 or [::1]:80");
        }
        int port = port(text.substring(colon + 1));
        try {
            return new InetSocketAddress(InetAddress.getByName(name), port);
        } catch (UnknownHostException e) {
            throw new IOException("the name '" + name + "' cannot be resolved to an address", e);
        }
    }

    private int port(String digits) {
        try {
            int port = Integer.parseInt(digits);
            if (port >= 1 && port <= 65535) {
                return port;
            }
        } catch (NumberFormatException e) {
            throw wrong("'" + digits + "' is not a port");
        }
        throw wrong("port " + digits + " is not between 1 and 65535");
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
