package org.xenvmc.transport.spi;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/**
 * Loads the implementation from below {@link #PREFIX} in our own jar, and nothing from the application's class path.
 *
 * <p>Classes are named {@code .classdata} there, so that no tool takes them for the application's own (scanners, and
 * the relocation of packages when an application is packed into one jar). The parent is the platform's loader;
 * {@code org.xenvmc.transport} and the callback for migrations come from the application's side, since both sides have to mean
 * the same types.
 */
final class IsolatedClassLoader extends ClassLoader {
    static final String PREFIX = "META-INF/xenvmc/lib/";
    static final String CLASS_SUFFIX = ".classdata";
    private static final String API_PACKAGE = "org.xenvmc.transport.";
    /** Of this package, which holds the migration callback, not of those below it. */
    private static final String HOOK_PACKAGE = "org.xenvmc.migration.";

    static {
        registerAsParallelCapable();
    }

    private final URL root;
    private final JarFile jar; // null where the root is not a jar in the file system
    private final ClassLoader api;

    private IsolatedClassLoader(URL root, JarFile jar, ClassLoader api) {
        super("xenvmc", ClassLoader.getPlatformClassLoader());
        this.root = root;
        this.jar = jar;
        this.api = api;
    }

    /**
     * Opens a loader.
     *
     * @param root of our jar, ends with a slash
     * @param api the loader of {@code org.xenvmc.transport}; null means the boot loader
     */
    static IsolatedClassLoader at(URL root, ClassLoader api) throws IOException {
        return new IsolatedClassLoader(root, openJar(root), api);
    }

    /** A jar of our own and not the JDK's cached one, which anybody in this JVM can close. */
    private static JarFile openJar(URL root) throws IOException {
        String url = root.toString();
        if (!url.startsWith("jar:file:") || url.indexOf("!/") != url.length() - 2) {
            return null;
        }
        return new JarFile(new File(URI.create(url.substring("jar:".length(), url.length() - 2))));
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        if (isApi(name)) {
            return Class.forName(name, false, api);
        }
        try (InputStream in = open(pathOf(name.replace('.', '/') + ".class"))) {
            if (in == null) {
                throw new ClassNotFoundException(name);
            }
            byte[] code = in.readAllBytes();
            return defineClass(name, code, 0, code.length, getClass().getProtectionDomain());
        } catch (IOException e) {
            throw new ClassNotFoundException(name + " from " + root, e);
        }
    }

    private static boolean isApi(String name) {
        return name.startsWith(API_PACKAGE)
                || name.startsWith(HOOK_PACKAGE) && name.indexOf('.', HOOK_PACKAGE.length()) < 0;
    }

    @Override
    protected URL findResource(String name) {
        try (InputStream in = open(pathOf(name))) {
            return in == null ? null : new URL(root, pathOf(name));
        } catch (IOException e) {
            return null;
        }
    }

    @Override
    protected Enumeration<URL> findResources(String name) {
        URL url = findResource(name);
        return Collections.enumeration(url == null ? List.of() : List.of(url));
    }

    private InputStream open(String path) throws IOException {
        if (jar == null) {
            try {
                return new URL(root, path).openStream();
            } catch (IOException e) {
                return null; // what stands behind another kind of URL says "not found" in ways of its own
            }
        }
        JarEntry entry = jar.getJarEntry(path);
        return entry == null ? null : jar.getInputStream(entry);
    }

    private static String pathOf(String name) {
        return name.endsWith(".class")
                ? PREFIX + name.substring(0, name.length() - ".class".length()) + CLASS_SUFFIX
                : PREFIX + name;
    }
}
