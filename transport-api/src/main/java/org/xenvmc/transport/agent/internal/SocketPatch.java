package org.xenvmc.transport.agent.internal;

import java.io.IOException;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.net.ServerSocket;
import java.net.SocketImpl;
import java.security.ProtectionDomain;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.xenvmc.transport.net.VmcSocketImpl;
import org.xenvmc.transport.net.VmcSockets;

/**
 * Replaces the two places at which {@code java.net} makes implementations of its own. The factories of {@code Socket} and {@code
 * ServerSocket} stay free for the program, and everything that the JDK builds on its own implementation (SOCKS and HTTP proxies,
 * accepting into subclasses, time-outs that are handed on) is built on ours.
 *
 * <p>A server socket that was made before us goes on with the JDK's connections.
 */
final class SocketPatch implements ClassFileTransformer {
    private static final String IMPL = "java/net/SocketImpl";
    private static final String SERVER = "java/net/ServerSocket";
    private static final String IMPL_TYPE = "L" + IMPL + ";";

    /** Loaded before the transformer is there: it is asked about every class that is being loaded. */
    private final Class<?> implType = SocketImpl.class;

    private final Class<?> serverType = ServerSocket.class;
    private Exception failure;
    private int patched;

    private SocketPatch() {}

    static void install(Instrumentation instrumentation) throws Exception {
        if (!instrumentation.isRetransformClassesSupported()) {
            throw new UnsupportedOperationException("this JVM does not let agents change classes");
        }
        Makers makers = new Makers();
        makers.fill(MethodHandles.privateLookupIn(SocketImpl.class, MethodHandles.lookup())
                .defineClass(GeneratedClasses.bridge()));
        SocketPatch patch = new SocketPatch();
        instrumentation.addTransformer(patch, true);
        boolean complete = false;
        try {
            // first the place that also serves implementations of the JDK, so that both hold at every moment
            instrumentation.retransformClasses(patch.serverType);
            instrumentation.retransformClasses(patch.implType);
            patch.check();
            complete = true;
        } finally {
            instrumentation.removeTransformer(patch);
            if (!complete && patch.patched > 0) {
                instrumentation.retransformClasses(SocketImpl.class, ServerSocket.class); // as they were
            }
        }
    }

    private void check() throws Exception {
        if (failure != null) {
            throw failure;
        }
        if (patched != 2) {
            throw new IllegalStateException("the JVM did not offer the classes of java.net for change");
        }
        Method maker = SocketImpl.class.getDeclaredMethod("createPlatformSocketImpl", boolean.class);
        maker.setAccessible(true);
        Object made = maker.invoke(null, false);
        if (!(made instanceof VmcSocketImpl)) {
            throw new IllegalStateException(
                    "java.net still makes a " + made.getClass().getName());
        }
    }

    @Override
    public byte[] transform(
            Module module, ClassLoader loader, String name, Class<?> type, ProtectionDomain domain, byte[] original) {
        if (type == null) {
            return null; // being loaded
        }
        try {
            byte[] changed = null;
            if (type == implType) {
                changed = ClassPatch.replace(
                        original, "createPlatformSocketImpl", "(Z)" + IMPL_TYPE, SocketPatch::makerBody);
            } else if (type == serverType) {
                serverType.getDeclaredMethod("implAccept", implType);
                serverType.getDeclaredField("impl");
                changed = ClassPatch.replace(original, "platformImplAccept", "()" + IMPL_TYPE, SocketPatch::acceptBody);
            }
            patched += changed == null ? 0 : 1;
            return changed;
        } catch (IOException | ReflectiveOperationException | RuntimeException e) {
            failure = e; // the JVM would swallow it
            return null;
        }
    }

    /** {@code return (SocketImpl) XenVmcBridge.factory.apply(server)}. */
    private static byte[] makerBody(PoolWriter pool) throws IOException {
        return new Code()
                .op(Code.GETSTATIC, bridge(pool, GeneratedClasses.FACTORY, GeneratedClasses.INT_FUNCTION))
                .op(Code.ILOAD_0)
                .invokeInterface(
                        pool.interfaceMethod(GeneratedClasses.INT_FUNCTION, "apply", "(I)Ljava/lang/Object;"), 2)
                .op(Code.CHECKCAST, pool.type(IMPL))
                .op(Code.ARETURN)
                .attribute(2, 1);
    }

    /** {@code SocketImpl s = (SocketImpl) XenVmcBridge.acceptor.apply(impl); implAccept(s); return s}. */
    private static byte[] acceptBody(PoolWriter pool) throws IOException {
        return new Code()
                .op(Code.GETSTATIC, bridge(pool, GeneratedClasses.ACCEPTOR, GeneratedClasses.FUNCTION))
                .op(Code.ALOAD_0)
                .op(Code.GETFIELD, pool.field(SERVER, "impl", IMPL_TYPE))
                .invokeInterface(
                        pool.interfaceMethod(
                                GeneratedClasses.FUNCTION, "apply", "(Ljava/lang/Object;)Ljava/lang/Object;"),
                        2)
                .op(Code.CHECKCAST, pool.type(IMPL))
                .op(Code.ASTORE_1)
                .op(Code.ALOAD_0)
                .op(Code.ALOAD_1)
                .op(Code.INVOKEVIRTUAL, pool.method(SERVER, "implAccept", "(" + IMPL_TYPE + ")V"))
                .op(Code.ALOAD_1)
                .op(Code.ARETURN)
                .attribute(2, 2);
    }

    private static int bridge(PoolWriter pool, String field, String type) throws IOException {
        return pool.field(GeneratedClasses.BRIDGE, field, "L" + type + ";");
    }

    /** What the patched methods call. */
    private static final class Makers {
        private final Constructor<?> ours;
        private final Constructor<?> jdks;

        Makers() throws ReflectiveOperationException, IOException {
            ours = MethodHandles.lookup()
                    .defineClass(GeneratedClasses.platformImpl())
                    .getConstructor(Supplier.class, boolean.class);
            jdks = Class.forName("sun.nio.ch.NioSocketImpl").getConstructor(boolean.class);
        }

        void fill(Class<?> bridge) throws ReflectiveOperationException {
            IntFunction<SocketImpl> factory = server -> make(server != 0);
            Function<SocketImpl, SocketImpl> acceptor = listening -> accepting(listening);
            bridge.getField(GeneratedClasses.FACTORY).set(null, factory);
            bridge.getField(GeneratedClasses.ACCEPTOR).set(null, acceptor);
        }

        private SocketImpl make(boolean server) {
            return construct(ours, (Supplier<?>) VmcSockets::provider, server);
        }

        private SocketImpl accepting(SocketImpl listening) {
            return listening instanceof VmcSocketImpl ? make(false) : construct(jdks, false);
        }

        private static SocketImpl construct(Constructor<?> constructor, Object... arguments) {
            try {
                return (SocketImpl) constructor.newInstance(arguments);
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e); // these constructors only set fields
            }
        }
    }
}
