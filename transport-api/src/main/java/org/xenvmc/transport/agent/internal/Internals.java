package org.xenvmc.transport.agent.internal;

import java.lang.instrument.Instrumentation;
import java.lang.reflect.Method;
import java.nio.channels.spi.SelectorProvider;
import org.xenvmc.transport.agent.JdkInternals;
import org.xenvmc.transport.net.VmcSockets;

/** Entry of this package. */
public final class Internals implements JdkInternals {
    /** From this version on the JVM warns of native calls. */
    private static final int WARNS_OF_NATIVE_ACCESS = 24;

    /** Called by the loader of this package. */
    public Internals() {}

    @Override
    public SelectorProvider selectorProvider() throws Exception {
        return (SelectorProvider) Class.forName("sun.nio.ch.DefaultSelectorProvider")
                .getMethod("get")
                .invoke(null);
    }

    @Override
    public void installSockets(Instrumentation instrumentation) throws Exception {
        ThreadAwareInterrupts interrupts = ThreadAwareInterrupts.create();
        SocketPatch.install(instrumentation);
        VmcSockets.interruptPolicy(interrupts);
    }

    @Override
    public void allowNativeAccess() throws Exception {
        if (Runtime.version().feature() < WARNS_OF_NATIVE_ACCESS) {
            return;
        }
        Object mode = Class.forName("jdk.internal.module.ModuleBootstrap")
                .getMethod("illegalNativeAccess")
                .invoke(null);
        if (mode.toString().equals("WARN")) {
            // where the program has said "deny", it is its business, and the library goes without shared memory
            Method allow = Module.class.getDeclaredMethod("implAddEnableNativeAccessToAllUnnamed");
            allow.setAccessible(true);
            allow.invoke(null);
        }
    }
}
