package org.xenvmc.transport.spi;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.security.CodeSource;

/**
 * Gives the class loader that holds the implementation.
 *
 * <p>In the self-contained jar the implementation and the libraries it uses lie below a prefix where the application's
 * class loader does not see them, so that a program may bring the same libraries in other versions. Everywhere else
 * (modules on a class path) it is the loader of this class.
 *
 * <p>Services are looked up with {@code ServiceLoader.load(type, ImplementationLoader.get())}.
 */
public final class ImplementationLoader {
    /** Present in the self-contained jar, and only there. */
    static final String MARKER = "META-INF/xenvmc/implementation";

    private static final ClassLoader LOADER = create();

    private ImplementationLoader() {}

    /** The class loader of the implementation; always the same one, never null. */
    public static ClassLoader get() {
        return LOADER;
    }

    private static ClassLoader create() {
        ClassLoader own = ImplementationLoader.class.getClassLoader();
        try {
            URL root = rootOf(ImplementationLoader.class);
            if (exists(new URL(root, MARKER))) {
                return IsolatedClassLoader.at(root, own);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the jar that " + ImplementationLoader.class + " is from", e);
        }
        return own != null ? own : ClassLoader.getSystemClassLoader();
    }

    /**
     * Where a class was loaded from, as a URL against which the names of resources can be resolved. Asking the class loader for
     * a resource instead could find another copy of this library that comes earlier.
     */
    private static URL rootOf(Class<?> type) throws IOException {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        if (source != null && source.getLocation() != null) {
            String location = source.getLocation().toString();
            return new URL(location.endsWith("/") ? location : "jar:" + location + "!/");
        }
        // the boot loader, where an agent may have put us, says no location
        String name = type.getName().replace('.', '/') + ".class";
        URL url = type.getResource("/" + name);
        if (url == null) {
            throw new IOException("no resource " + name + " beside the class");
        }
        String file = url.toString();
        return new URL(file.substring(0, file.length() - name.length()));
    }

    private static boolean exists(URL url) {
        try (InputStream in = url.openStream()) {
            return in != null;
        } catch (IOException e) {
            return false;
        }
    }
}
