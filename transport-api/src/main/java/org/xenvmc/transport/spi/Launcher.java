package org.xenvmc.transport.spi;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/** Main class of the self-contained jar: runs the command line, which is part of the implementation. */
public final class Launcher {
    static final String MAIN_CLASS = "org.xenvmc.migration.cli.Main";

    private Launcher() {}

    /** Calls {@code org.xenvmc.migration.cli.Main.main} in the implementation's class loader. */
    public static void main(String[] args) throws Throwable {
        Class<?> main;
        try {
            main = Class.forName(MAIN_CLASS, true, ImplementationLoader.get());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("no command line here: put xenvmc.jar on the class path", e);
        }
        MethodHandles.publicLookup()
                .findStatic(main, "main", MethodType.methodType(void.class, String[].class))
                .invokeExact(args);
    }
}
