package org.xenvmc.transport.agent;

import java.io.IOException;
import java.io.InputStream;
import java.lang.instrument.Instrumentation;
import java.util.Map;
import java.util.Set;

/**
 * Loads {@code org.xenvmc.transport.agent.internal} into a module of its own and opens the parts of the JDK to it that the agent
 * needs, and to nobody else.
 */
final class InternalsLoader extends ClassLoader {
    private static final String PACKAGE = "org.xenvmc.transport.agent.internal.";
    private static final String ENTRY = PACKAGE + "Internals";

    static {
        registerAsParallelCapable();
    }

    private InternalsLoader(ClassLoader parent) {
        super("xenvmc-agent", parent);
    }

    static JdkInternals open(Instrumentation instrumentation) throws ReflectiveOperationException {
        InternalsLoader loader = new InternalsLoader(InternalsLoader.class.getClassLoader());
        Set<Module> us = Set.of(loader.getUnnamedModule());
        instrumentation.redefineModule(
                Object.class.getModule(),
                Set.of(),
                Map.of("sun.net", us, "sun.nio.ch", us, "jdk.internal.module", us),
                Map.of("java.lang", us, "java.net", us, "java.nio.channels.spi", us, "sun.nio.ch", us),
                Set.of(),
                Map.of());
        Class<?> entry = Class.forName(ENTRY, true, loader);
        return (JdkInternals) entry.getConstructor().newInstance();
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!name.startsWith(PACKAGE)) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            return loaded != null ? loaded : define(name);
        }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
        try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (in == null) {
                throw new ClassNotFoundException(name);
            }
            byte[] code = in.readAllBytes();
            return defineClass(name, code, 0, code.length, InternalsLoader.class.getProtectionDomain());
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        }
    }
}
