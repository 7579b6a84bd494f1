package org.xenvmc.bench.session;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A real program with or without the agent at its ends.
 *
 * @param name short name
 * @param program which
 * @param agentAtServer whether the server has the agent
 * @param agentAtClient whether the client has it
 */
public record ProgramContender(String name, RealProgram program, boolean agentAtServer, boolean agentAtClient)
        implements Contender {
    /** With the agent at both ends. */
    public static ProgramContender ours(RealProgram program) {
        return new ProgramContender("ours", program, true, true);
    }

    /** On plain sockets. */
    public static ProgramContender plain(RealProgram program) {
        return new ProgramContender("jdk", program, false, false);
    }

    @Override
    public ProgramSession open(BenchEnvironment environment, String figure) throws MeasurementException {
        Path home = RealProgram.home();
        Path host = environment.directory().newPath(name);
        Path files = environment.directory().newPath(program.directory());
        try {
            Files.createDirectory(files);
        } catch (IOException e) {
            throw new MeasurementException("cannot make " + files + ": " + e, e);
        }
        String options = "host.dir=" + host + ",agent.log=warning";
        WorkerProcess server = environment.startProgram(
                figure,
                name,
                "server",
                program.arguments(home, "server", agentAtServer ? options : null, files.toString()));
        try {
            String port = ProgramSession.address(server);
            List<String> client = program.arguments(home, "client", agentAtClient ? options : null, port);
            return new ProgramSession(
                    name, server, () -> environment.startProgram(figure, name, "client", client), host);
        } catch (MeasurementException | RuntimeException e) {
            server.close();
            throw e;
        }
    }
}
