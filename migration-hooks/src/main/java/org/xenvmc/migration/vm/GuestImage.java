package org.xenvmc.migration.vm;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What a guest boots: a kernel and a first file system in memory with busybox, a small Java runtime, and the application. The
 * part that changes seldom is kept; the application is an archive of its own behind it.
 *
 * @param kernel the kernel's file
 * @param initrd the file system
 */
record GuestImage(Path kernel, Path initrd) {
    /** In the order in which they are loaded. */
    private static final List<String> MODULES = List.of(
            "virtio_ring",
            "virtio",
            "virtio_pci_modern_dev",
            "virtio_pci_legacy_dev",
            "virtio_pci",
            "failover",
            "net_failover",
            "virtio_net",
            "virtio_console");

    private static final String JAVA_MODULES = "java.base,java.logging,java.management,jdk.unsupported,jdk.net";

    /**
     * Builds the image, or what is missing of it.
     *
     * @param cache directory for what is kept; made when missing
     * @param classPath the application's jars and directories
     * @param target where this image's own file goes
     * @throws VmUnavailableException when something is not there that it is made of
     */
    static GuestImage build(Path cache, List<Path> classPath, Path target) throws IOException {
        Files.createDirectories(cache);
        KernelTree kernel = KernelTree.find(cache);
        Path base = base(cache, kernel);
        Path app = target.resolve("app.cpio");
        writeApplication(app, classPath);
        Path initrd = target.resolve("initrd");
        try (OutputStream out = Files.newOutputStream(initrd)) {
            Files.copy(base, out);
            Files.copy(app, out);
        }
        Files.delete(app);
        return new GuestImage(kernel.image(), initrd);
    }

    private static Path base(Path cache, KernelTree kernel) throws IOException {
        String key = kernel.image().getFileName() + "-" + System.getProperty("java.runtime.version");
        Path base = cache.resolve("base-" + key.replaceAll("[^A-Za-z0-9.]", "-") + ".cpio");
        if (Files.exists(base)) {
            return base;
        }
        Path busybox = Shell.find("busybox")
                .filter(GuestImage::isStatic)
                .orElseThrow(() -> new VmUnavailableException(
                        "no busybox that is linked statically (apt-get install busybox-static)"));
        Path work = Files.createTempDirectory(cache, "building");
        try {
            Path unfinished = work.resolve("base.cpio");
            writeBase(unfinished, kernel, busybox, runtime(work));
            Files.move(unfinished, base);
            return base;
        } finally {
            delete(work);
        }
    }

    /** In a guest there are no libraries but those of the Java runtime. */
    private static boolean isStatic(Path program) {
        try {
            return !Shell.run("ldd", program.toString()).contains("=>");
        } catch (IOException e) {
            return true; // "not a dynamic executable"
        }
    }

    private static void writeBase(Path file, KernelTree kernel, Path busybox, Path runtime) throws IOException {
        try (CpioArchive cpio = new CpioArchive(file)) {
            for (String directory : List.of("proc", "sys", "dev", "tmp", "run", "etc", "root", "var/run")) {
                cpio.directory(directory);
            }
            cpio.file("bin/busybox", Files.readAllBytes(busybox), true);
            for (String applet : Shell.run(busybox.toString(), "--list").split("\\s+")) {
                if (!applet.isBlank() && !applet.equals("busybox")) {
                    cpio.link("bin/" + applet, "busybox");
                }
            }
            for (String module : MODULES) {
                Path found = kernel.module(module).orElse(null);
                if (found != null) {
                    cpio.file("lib/modules/" + module + ".ko", found);
                }
            }
            cpio.tree("opt/jre", runtime);
            for (String library : libraries(runtime)) {
                cpio.file(
                        library.substring(1),
                        Files.readAllBytes(Path.of(library).toRealPath()),
                        true);
            }
            cpio.file("init", resource("guest-init"), true);
        }
    }

    /** A runtime of the JDK that runs this, reduced to what the library needs. */
    private static Path runtime(Path work) throws IOException {
        Path home = Path.of(System.getProperty("java.home"));
        Path jlink = home.resolve("bin/jlink");
        if (!Files.isExecutable(jlink)) {
            throw new VmUnavailableException("no jlink in " + home + ": a JDK is needed, not only a runtime");
        }
        Path runtime = work.resolve("jre");
        Shell.run(
                jlink.toString(),
                "--add-modules",
                JAVA_MODULES,
                "--strip-debug",
                "--no-header-files",
                "--no-man-pages",
                "--output",
                runtime.toString());
        Shell.run(runtime.resolve("bin/java").toString(), "-Xshare:dump", "-XX:+UseSerialGC");
        return runtime;
    }

    /** Shared libraries that the runtime needs, by their own paths. */
    private static Set<String> libraries(Path runtime) throws IOException {
        Set<String> found = new TreeSet<>();
        List<Path> programs;
        try (Stream<Path> all = Files.walk(runtime)) {
            programs = all.filter(p -> p.toString().endsWith(".so") || p.endsWith("bin/java"))
                    .toList();
        }
        for (Path p : programs) {
            for (String line : Shell.run("ldd", p.toString()).split("\n")) {
                String text = line.contains("=> ") ? line.substring(line.indexOf("=> ") + 3) : line;
                String path = text.trim().split(" ")[0];
                if (path.startsWith("/") && !path.startsWith(runtime.toString())) {
                    found.add(path);
                }
            }
        }
        return found;
    }

    private static void writeApplication(Path file, List<Path> classPath) throws IOException {
        StringBuilder names = new StringBuilder();
        try (CpioArchive cpio = new CpioArchive(file)) {
            int number = 0;
            for (Path p : classPath) {
                String name = "app/" + number++ + "-" + p.getFileName();
                if (Files.isDirectory(p)) {
                    cpio.tree(name, p);
                } else {
                    cpio.file(name, p);
                }
                names.append(names.length() == 0 ? "/" : ":/").append(name);
            }
            cpio.file("app/classpath", names.toString().getBytes(StandardCharsets.UTF_8), false);
        }
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = GuestImage.class.getResourceAsStream(name)) {
            return in.readAllBytes();
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path p : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(p);
            }
        }
    }
}
