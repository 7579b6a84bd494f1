package org.xenvmc.transport.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImplementationLoaderTest {
    private static final String SERVICES = "META-INF/services/java.util.concurrent.Callable";

    @TempDir
    private Path dir;

    @Test
    void shouldBeOurOwnLoaderWhenThereIsNoMarker() {
        assertThat(ImplementationLoader.get()).isSameAs(ImplementationLoader.class.getClassLoader());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldLoadFromThePrefixWhenTheMarkerIsBesideUs(boolean asJar) throws Exception {
        try (URLClassLoader app = applicationWith(library(asJar))) {
            ClassLoader hidden = implementationLoaderOf(app);

            assertThat(hidden.loadClass("lib.Hidden").getClassLoader()).isSameAs(hidden);
            assertThat(call(hidden, "lib.Hidden")).isEqualTo("implementation's");
            assertThat(hidden.loadClass("org.xenvmc.transport.spi.Launcher"))
                    .isSameAs(app.loadClass("org.xenvmc.transport.spi.Launcher"));
            assertThat(text(hidden.getResource(SERVICES))).isEqualTo("lib.Hidden");
            assertThat(Collections.list(hidden.getResources(SERVICES))).hasSize(1);
            assertThat(hidden.getResource("lib/Hidden.class")).isNotNull();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldHideTheTwoSidesFromEachOther(boolean asJar) throws Exception {
        try (URLClassLoader app = applicationWith(library(asJar), otherVersion())) {
            ClassLoader hidden = implementationLoaderOf(app);

            assertThat(call(app, "lib.Hidden")).isEqualTo("application's");
            assertThat(call(hidden, "lib.Hidden")).isEqualTo("implementation's");
            assertThat(call(app, "lib.Only")).isEqualTo("application's");
            assertThatThrownBy(() -> hidden.loadClass("lib.Only")).isInstanceOf(ClassNotFoundException.class);
            assertThat(app.getResource(SERVICES)).isNull();
            assertThat(hidden.getResource("application.txt")).isNull();
        }
    }

    @Test
    void shouldReadTheJarItsOwnClassIsFromWhenAnotherOneComesEarlier() throws Exception {
        Path decoy = Files.createDirectories(dir.resolve("decoy/META-INF/xenvmc/lib/lib"));
        Files.writeString(decoy.resolve("Hidden.classdata"), "no class");
        Files.writeString(dir.resolve("decoy/META-INF/xenvmc/implementation"), "");

        try (URLClassLoader app = applicationWith(dir.resolve("decoy"), library(true))) {
            assertThat(call(implementationLoaderOf(app), "lib.Hidden")).isEqualTo("implementation's");
        }
    }

    @Test
    void shouldSayWhatIsMissingWhenThereIsNoCommandLine() throws Exception {
        try (URLClassLoader app = applicationWith(library(true))) {
            Class<?> launcher = app.loadClass("org.xenvmc.transport.spi.Launcher");

            assertThatThrownBy(() -> launcher.getMethod("main", String[].class).invoke(null, (Object) new String[0]))
                    .hasRootCauseInstanceOf(ClassNotFoundException.class)
                    .cause()
                    .hasMessageContaining("xenvmc.jar");
        }
    }

    private static URLClassLoader applicationWith(Path... classPath) throws IOException {
        URL[] urls = new URL[classPath.length];
        for (int i = 0; i < urls.length; i++) {
            urls[i] = classPath[i].toUri().toURL();
        }
        return new URLClassLoader(urls, ClassLoader.getPlatformClassLoader());
    }

    private static ClassLoader implementationLoaderOf(ClassLoader app) throws Exception {
        Class<?> type = app.loadClass("org.xenvmc.transport.spi.ImplementationLoader");
        return (ClassLoader) type.getMethod("get").invoke(null);
    }

    private static Object call(ClassLoader loader, String className) throws Exception {
        Callable<?> callable = (Callable<?>)
                loader.loadClass(className).getDeclaredConstructor().newInstance();
        return callable.call();
    }

    private static String text(URL url) throws IOException {
        try (InputStream in = url.openStream()) {
            return new String(in.readAllBytes());
        }
    }

    /** What the build packs: our classes at their names, a hidden class and its services below the prefix. */
    private Path library(boolean asJar) throws IOException {
        Map<String, byte[]> files = new LinkedHashMap<>();
        for (String name : new String[] {"ImplementationLoader", "IsolatedClassLoader", "Launcher"}) {
            String path = "org/xenvmc/transport/spi/" + name + ".class";
            files.put(
                    path,
                    ImplementationLoader.class.getResourceAsStream("/" + path).readAllBytes());
        }
        files.put("META-INF/xenvmc/implementation", new byte[0]);
        files.put("META-INF/xenvmc/lib/lib/Hidden.classdata", compile("Hidden", "implementation's"));
        files.put("META-INF/xenvmc/lib/" + SERVICES, "lib.Hidden".getBytes());
        Path target = dir.resolve(asJar ? "a library+1.jar" : "a library");
        if (asJar) {
            try (OutputStream out = Files.newOutputStream(target);
                    JarOutputStream jar = new JarOutputStream(out)) {
                for (Map.Entry<String, byte[]> file : files.entrySet()) {
                    jar.putNextEntry(new JarEntry(file.getKey()));
                    jar.write(file.getValue());
                }
            }
        } else {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                Files.createDirectories(target.resolve(file.getKey()).getParent());
                Files.write(target.resolve(file.getKey()), file.getValue());
            }
        }
        return target;
    }

    private Path otherVersion() throws IOException {
        Path target = Files.createDirectories(dir.resolve("application/lib")).getParent();
        Files.write(target.resolve("lib/Hidden.class"), compile("Hidden", "application's"));
        Files.write(target.resolve("lib/Only.class"), compile("Only", "application's"));
        Files.writeString(target.resolve("application.txt"), "");
        return target;
    }

    private byte[] compile(String name, String result) throws IOException {
        Path work = Files.createTempDirectory(dir, "javac");
        Path source = work.resolve(name + ".java");
        Files.writeString(
                source,
                "package lib; public class " + name + " implements java.util.concurrent.Callable<String> {"
                        + " public String call() { return \"" + result + "\"; } }");
        int status =
                ToolProvider.getSystemJavaCompiler().run(null, null, null, "-d", work.toString(), source.toString());
        assertThat(status).isZero();
        return Files.readAllBytes(work.resolve("lib/" + name + ".class"));
    }
}
