package org.xenvmc.migration.process;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.SwitchReport;
import org.xenvmc.transport.VmcSelectorProvider;
import org.xenvmc.transport.spi.TransportEngine;

/**
 * A VM in a JVM of its own. It uses the provider that {@code -Djava.nio.channels.spi.SelectorProvider} names, as any
 * program would; obeys the lines on its standard input and answers each with one line: {@code ok ...} or {@code error ...}.
 */
public final class VmProcess {
    private static final Duration LEAVE_LIMIT = Duration.ofSeconds(30);

    private final SelectorProvider provider = SelectorProvider.provider();
    private final Map<String, Service> services = new TreeMap<>();

    private VmProcess() {}

    /** Runs until told to exit, or until the standard input ends: a test that dies takes its VMs with it. */
    public static void main(String[] args) throws Exception {
        PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        VmProcess vm = new VmProcess();
        for (String line = in.readLine(); line != null && !line.equals("exit"); line = in.readLine()) {
            answers.println(vm.answer(line.split(" ")));
        }
        vm.end();
        // no thread of the library may keep the process alive: there is no System.exit here
    }

    private void end() throws Exception {
        for (Service s : services.values()) {
            s.close();
        }
        if (provider instanceof VmcSelectorProvider) {
            engine().close();
        }
    }

    private String answer(String[] words) {
        try {
            return ("ok " + obey(words)).trim();
        } catch (Exception | AssertionError e) {
            return "error " + e;
        }
    }

    private String obey(String[] words) throws Exception {
        switch (words[0]) {
            case "echo":
                return serve("echo", new EchoThreads(Long.parseLong(words[1]), Boolean.parseBoolean(words[2])), 0);
            case "listen":
                return serve("echo", new EchoThreads(0, false), Integer.parseInt(words[1]));
            case "select":
                return serve("select", new EchoSelector(provider), 0);
            case "sink":
                return serve("sink", new Reader(Long.parseLong(words[1])), 0);
            case "write":
                return connect(words[1], new Writer(Long.parseLong(words[2]), Path.of(words[3])));
            case "read":
                return connect(words[1], new Reader(Long.parseLong(words[2])));
            case "totals":
                return services.get(words[1]).totals();
            case "leave":
                return leave();
            case "join":
                engine().joinHost(words[1]);
                return engine().hostStatus().host();
            case "paths":
                return paths();
            case "dump":
                return Threads.dumpToError("VM " + ProcessHandle.current().pid());
            default:
                throw new IllegalArgumentException("unknown command " + String.join(" ", words));
        }
    }

    private TransportEngine engine() {
        return ((VmcSelectorProvider) provider).engine();
    }

    private String leave() throws Exception {
        SwitchReport report = engine().leaveHost(LEAVE_LIMIT);
        if (report.lost() > 0) {
            throw new IllegalStateException("connections were lost: " + report);
        }
        return report.toString();
    }

    /** How many directions are on which path: {@code RECEIVING=n SENDING=n} by path, in the order of their names. */
    private String paths() {
        Map<String, Integer> counts = new TreeMap<>();
        for (ConnectionInfo i : engine().connections()) {
            counts.merge("sending:" + i.sending().path(), 1, Integer::sum);
            counts.merge("receiving:" + i.receiving().path(), 1, Integer::sum);
        }
        return counts.toString();
    }

    private String serve(String name, Service service, int port) throws Exception {
        ServerSocketChannel listener = provider.openServerSocketChannel();
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 4096);
        start(name, service, listener);
        return Integer.toString(listener.socket().getLocalPort());
    }

    private String connect(String port, Service service) throws Exception {
        SocketChannel channel = provider.openSocketChannel();
        channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(port)));
        start("connection", service, channel);
        return channel.getLocalAddress().toString();
    }

    private void start(String name, Service service, SelectableChannel channel) {
        services.put(name, service);
        Threads.daemon(name, () -> service.run(channel));
    }

    /** What a VM does with a channel. */
    interface Service {
        /** Runs until the work is done or the channel is closed. */
        void run(SelectableChannel channel) throws Exception;

        /** What was done so far, as text. */
        default String totals() {
            return "";
        }

        /** Ends it. */
        default void close() throws Exception {}
    }

    /** The command that starts this program with these options of the JVM. */
    static List<String> command(List<String> jvmOptions) {
        return command(VmProcess.class, jvmOptions);
    }

    /** The command that starts a program of the tests. */
    static List<String> command(Class<?> program, List<String> jvmOptions) {
        List<String> command = new java.util.ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmOptions);
        command.addAll(List.of("-cp", classPath(), program.getName()));
        return command;
    }

    private static String classPath() {
        return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    }
}
