package org.xenvmc.transport.agent;

import java.lang.instrument.Instrumentation;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.xenvmc.transport.JdkSelectorProvider;
import org.xenvmc.transport.VmcContext;

/**
 * The library for a program that nobody changed: {@code java -javaagent:xenvmc.jar[=key=value,...] -jar program.jar}, or loaded
 * into a running JVM. Never fails: what cannot be installed stays the JDK's own, and one warning says why.
 */
public final class VmcAgent {
    /** From this version on nobody can install a SecurityManager; later ones may not have the method any more. */
    private static final int WITHOUT_SECURITY_MANAGER = 24;

    private static final AtomicBoolean BEGAN = new AtomicBoolean();

    private final Instrumentation instrumentation;
    private final List<String> on = new ArrayList<>();
    private final List<String> troubles = new ArrayList<>();

    private VmcAgent(Instrumentation instrumentation) {
        this.instrumentation = instrumentation;
    }

    /** Called by the JVM before {@code main}. */
    public static void premain(String options, Instrumentation instrumentation) {
        begin(options, instrumentation);
    }

    /** Called by the JVM when the agent is loaded into a running program. What is open already stays as it is. */
    public static void agentmain(String options, Instrumentation instrumentation) {
        begin(options, instrumentation);
    }

    private static void begin(String options, Instrumentation instrumentation) {
        try {
            if (!BEGAN.compareAndSet(false, true)) {
                AgentLog.info("agent is there already");
            } else if (isUnderASecurityManager()) {
                AgentLog.warning("agent off, sockets stay plain: the program runs under a SecurityManager");
            } else {
                new VmcAgent(instrumentation).install(AgentOptions.parse(options));
            }
        } catch (RuntimeException | LinkageError e) {
            AgentLog.warning("agent off, sockets stay plain: " + e);
        }
    }

    /** It would ask for the permissions of everybody on the stack, ours among them, whenever the program uses a socket. */
    @SuppressWarnings("removal")
    private static boolean isUnderASecurityManager() {
        return Runtime.version().feature() < WITHOUT_SECURITY_MANAGER && System.getSecurityManager() != null;
    }

    private void install(AgentOptions options) {
        options.applyTo(System.getProperties());
        options.complaints().forEach(AgentLog::warning);
        VmcContext context = VmcContext.fromSystemProperties().conclude(); // an error in it would hit the program later
        boolean channels = AgentOptions.isOn(AgentOptions.CHANNELS);
        boolean async = AgentOptions.isOn(AgentOptions.ASYNC);
        boolean sockets = AgentOptions.isOn(AgentOptions.SOCKETS);
        boolean netty = AgentOptions.isOn(AgentOptions.NETTY);
        JdkInternals internals = openJdk();
        if (internals != null) {
            improve("reads with a time limit over TCP cost more", internals::installTimedWaits);
        }
        if (channels) {
            step("NIO channels", () -> ChannelProvider.install(instrumentation));
        }
        if (internals != null && on.contains("NIO channels")) {
            improve(
                    "streams of java.nio.channels.Channels read and write by turns",
                    () -> internals.installStreams(instrumentation));
        }
        if (async) {
            step("asynchronous channels", () -> AsynchronousProvider.install(instrumentation));
        }
        if (sockets && internals != null) {
            step("java.net sockets", () -> {
                ChannelProvider.requireJdks();
                internals.installSockets(instrumentation);
            });
        }
        if (netty && on.contains("NIO channels")) {
            step("Netty on NIO", NettyTransport::preferNio);
        }
        report(context);
    }

    private JdkInternals openJdk() {
        try {
            JdkInternals internals = InternalsLoader.open(instrumentation);
            JdkSelectorProvider.known(internals.selectorProvider());
            internals.allowNativeAccess();
            return internals;
        } catch (Exception | LinkageError e) {
            troubles.add("no java.net sockets: the JDK does not open itself (" + e + ")");
            return null;
        }
    }

    /** Without it everything works, too. */
    private void improve(String without, Step step) {
        try {
            step.run();
        } catch (Exception | LinkageError e) {
            troubles.add(without + " (" + e + ")");
        }
    }

    private interface Step {
        void run() throws Exception;
    }

    private void step(String part, Step step) {
        try {
            step.run();
            on.add(part);
        } catch (ChannelProvider.UnavailableException e) {
            troubles.add("no " + part + ": " + e.getMessage());
        } catch (Exception | LinkageError e) {
            troubles.add("no " + part + ": " + e);
        }
    }

    private void report(VmcContext context) {
        if (!troubles.isEmpty()) {
            AgentLog.warning("not everything is accelerated, the rest stays plain TCP: " + String.join("; ", troubles));
        }
        if (!on.isEmpty()) {
            String state = context.enabled() ? "" : ", switched off until \"xenvmc switch\" says otherwise";
            AgentLog.info("agent on for " + String.join(", ", on) + "; host " + context.hostDirectory() + state);
        } else if (troubles.isEmpty()) {
            AgentLog.info("agent off: every part of it is switched off");
        }
    }
}
