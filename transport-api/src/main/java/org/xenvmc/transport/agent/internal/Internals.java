package org.xenvmc.transport.agent.internal;

import java.io.FileDescriptor;
import java.lang.instrument.Instrumentation;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.nio.channels.Channel;
import java.nio.channels.spi.SelectorProvider;
import java.util.function.Function;
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
        VmcSockets.descriptors(descriptors());
    }

    @Override
    public void installStreams(Instrumentation instrumentation) throws Exception {
        StreamPatch.install(instrumentation);
    }

    @Override
    public void installTimedWaits() {
        ChannelPoll.install();
    }

    /** The descriptor of a channel of the JDK, which {@code java.net.SocketImpl} shows its subclasses. */
    private static Function<Channel, FileDescriptor> descriptors() throws ReflectiveOperationException {
        MethodHandle getter = MethodHandles.lookup()
                .findVirtual(
                        Class.forName("sun.nio.ch.SelChImpl"), "getFD", MethodType.methodType(FileDescriptor.class))
                .asType(MethodType.methodType(FileDescriptor.class, Object.class));
        return channel -> {
            try {
                return (FileDescriptor) getter.invokeExact((Object) channel);
            } catch (Throwable e) {
                throw new IllegalStateException(e); // it returns a field
            }
        };
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
