package org.xenvmc.bench.session;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A program that knows nothing of the library: a server and a client, with the jars that they need. */
public enum RealProgram {
    /** Apache FtpServer, and the client of commons-net. */
    FTP,
    /** Jetty, and the JDK's HttpClient. */
    JETTY,
    /** H2's server, and JDBC. */
    H2,
    /** SubEtha SMTP, and Jakarta Mail. */
    SMTP,
    /** gRPC with its own Netty, both ends. */
    GRPC,
    /** Tomcat on asynchronous channels (NIO2), and the JDK's HttpClient. */
    TOMCAT,
    /** The JDK's RMI, with calls in both directions. */
    RMI;

    private static final String PROPERTY = "xenvmc.programs";

    /** Name of its directory of jars, and of the package of its main classes. */
    public String directory() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Where the build puts the programs: the property {@code xenvmc.programs}, or beside the jar of the benchmarks.
     *
     * @throws MeasurementException when they are not there
     */
    public static Path home() throws MeasurementException {
        String given = System.getProperty(PROPERTY);
        Path self = Path.of(System.getProperty("java.class.path").split(File.pathSeparator)[0])
                .toAbsolutePath();
        Path home = given != null ? Path.of(given) : self.resolveSibling("programs");
        if (!Files.isDirectory(home.resolve("classes")) || !Files.isRegularFile(agent(home))) {
            throw new MeasurementException("the programs are not in " + home
                    + "; build everything (./xenvmc does), or name their directory with -D" + PROPERTY);
        }
        return home;
    }

    /** The agent, in the directory of the programs. */
    public static Path agent(Path home) {
        return home.resolve("xenvmc.jar");
    }

    /**
     * Arguments of the JVM that runs one end.
     *
     * @param role {@code server} or {@code client}
     * @param agentOptions options of the agent; null to run without it
     * @param argument of the main class: the server's place for files, the client's port
     */
    public List<String> arguments(Path home, String role, String agentOptions, String argument) {
        List<String> arguments = new ArrayList<>();
        if (agentOptions != null) {
            arguments.add("-javaagent:" + agent(home) + "=" + agentOptions);
        }
        String main = role.equals("server") ? "ServerMain" : "ClientMain";
        arguments.add("-cp");
        arguments.add(home.resolve("classes")
                + File.pathSeparator
                + home.resolve(directory()).resolve("*"));
        arguments.add("programs." + directory() + "." + main);
        arguments.add(argument);
        return arguments;
    }
}
