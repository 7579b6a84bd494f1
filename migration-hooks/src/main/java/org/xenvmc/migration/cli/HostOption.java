package org.xenvmc.migration.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.xenvmc.shm.connection.ControlClient;
import org.xenvmc.shm.ivshmem.IvshmemHostProvider;
import org.xenvmc.transport.VmcContext;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The option that names the host. */
public final class HostOption {
    @Spec(Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--host",
            paramLabel = "DIR",
            description =
                    "Directory of the host, or 'ivshmem' inside a guest. Default: the property xenvmc.host.dir, or the"
                            + " user's own host.")
    private String directory;

    /** Made by picocli. */
    public HostOption() {}

    /** The host's directory, as its VMs name it. */
    public String directory() {
        return absolute(context().hostDirectory());
    }

    /** The same directory for processes that run elsewhere. */
    static String absolute(String path) {
        return IvshmemHostProvider.isHost(path)
                ? path
                : Path.of(path).toAbsolutePath().normalize().toString();
    }

    /** Whether the host is a directory, which can be looked at without joining. */
    boolean isDirectory() {
        return !IvshmemHostProvider.isHost(directory());
    }

    /** Configuration from system properties, for this host. Not concluded. */
    public VmcContext context() {
        try {
            VmcContext context = VmcContext.fromSystemProperties();
            return directory == null ? context : context.hostDirectory(absolute(directory));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "system property: " + e.getMessage(), e);
        }
    }

    /** Joins the host as a tool. It has to be there: asking about a host should not make one. */
    public ControlClient open() throws IOException {
        if (isDirectory() && !Files.isDirectory(Path.of(directory()), LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException("there is no host " + directory()
                    + ": no VM was started on it. Name another with --host, or with -Dxenvmc.host.dir in"
                    + " XENVMC_JAVA_OPTS");
        }
        return ControlClient.open(context());
    }
}
