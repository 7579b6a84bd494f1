package org.xenvmc.bench.session;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A real program with or without the agent at its ends.
 *
 * @param name short name
 * @param program which
 * @param agentAtServer whether the server has the agent
 * @param agentAtClient whether the client has it
 * @param network where they meet
 */
public record ProgramContender(
        String name, RealProgram program, boolean agentAtServer, boolean agentAtClient, Network network)
        implements Contender {
    /** With the agent at both ends. */
    public static ProgramContender ours(RealProgram program) {
        return new ProgramContender("ours", program, true, true, Network.HOST);
    }

    /** With the agent at the server only: everything is TCP. */
    public static ProgramContender atServer(RealProgram program) {
        return new ProgramContender("ours", program, true, false, Network.HOST);
    }

    /** With the agent at the client only: everything is TCP. */
    public static ProgramContender atClient(RealProgram program) {
        return new ProgramContender("ours", program, false, true, Network.HOST);
    }

    /** On plain sockets. */
    public static ProgramContender plain(RealProgram program) {
        return new ProgramContender("jdk", program, false, false, Network.HOST);
    }

    /** On plain sockets, once more: what the same program against itself shows is noise. */
    public static ProgramContender plainAgain(RealProgram program) {
        return new ProgramContender("again", program, false, false, Network.HOST);
    }

    /** On plain sockets where no acknowledgement is delayed. */
    public static ProgramContender quickAck(RealProgram program) {
        return new ProgramContender("quickack", program, false, false, Network.QUICK_ACK);
    }

    @Override
    public Optional<String> obstacle() {
        return network.obstacle();
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
                network.before(),
                program.arguments(home, "server", agentAtServer ? options : null, files.toString()));
        try {
            String port = ProgramSession.address(server);
            List<String> client = program.arguments(home, "client", agentAtClient ? options : null, port);
            List<String> joining = network.joining(server.pid());
            return new ProgramSession(
                    name,
                    server,
                    () -> environment.startProgram(figure, name, "client", joining, client),
                    host,
                    network);
        } catch (MeasurementException | RuntimeException e) {
            server.close();
            throw e;
        }
    }
}
