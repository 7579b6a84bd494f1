package org.xenvmc.migration.vm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A kernel for guests with its modules, as a Debian package unpacked with {@code dpkg -x} leaves them.
 *
 * @param image the kernel
 * @param modules directory of its modules
 */
record KernelTree(Path image, Path modules) {
    static final String PROPERTY = "xenvmc.vm.kernel";
    static final String FETCH_PROPERTY = "xenvmc.vm.fetch";
    private static final List<String> DRIVERS = List.of("virtio_pci", "virtio_net", "virtio_console");
    private static final String META_PACKAGE = "linux-image-cloud-amd64";

    /**
     * Finds one: where the property says, in the cache, on this machine; or fetches Debian's, if the property allows that.
     *
     * @param cache directory that belongs to this program
     */
    static KernelTree find(Path cache) throws IOException {
        String named = System.getProperty(PROPERTY);
        if (named != null) {
            return in(Path.of(named))
                    .orElseThrow(() -> new VmUnavailableException(
                            PROPERTY + "=" + named + " has no boot/vmlinuz-VERSION with lib/modules/VERSION"));
        }
        Path fetched = cache.resolve("kernel");
        Optional<KernelTree> found = in(fetched).or(() -> in(Path.of("/")));
        if (found.isPresent()) {
            return found.get();
        }
        if (!Boolean.getBoolean(FETCH_PROPERTY)) {
            throw new VmUnavailableException("no kernel for guests: './xenvmc vm-demo --fetch-kernel', or "
                    + FETCH_PROPERTY + "=true, fetches Debian's " + META_PACKAGE
                    + "; or unpack one (apt-get download PACKAGE; dpkg -x) and set " + PROPERTY
                    + " to that directory");
        }
        try {
            fetch(cache, fetched);
        } catch (VmUnavailableException e) {
            throw e;
        } catch (IOException e) {
            throw new VmUnavailableException("no kernel for guests, and Debian's " + META_PACKAGE
                    + " could not be fetched (apt-get update may help): " + e.getMessage());
        }
        return in(fetched).orElseThrow(() -> new VmUnavailableException("the package had no kernel"));
    }

    private static void fetch(Path cache, Path to) throws IOException {
        Path packages = Files.createDirectories(cache.resolve("packages"));
        String depends = Shell.run("apt-cache", "depends", META_PACKAGE);
        String name = depends.lines()
                .map(String::trim)
                .filter(l -> l.startsWith("Depends: linux-image-"))
                .map(l -> l.substring("Depends: ".length()))
                .findFirst()
                .orElseThrow(() -> new VmUnavailableException(
                        "apt-cache knows no " + META_PACKAGE + ": this is no Debian, or needs apt-get update"));
        Shell.run("sh", "-c", "cd \"$1\" && apt-get download -q \"$2\"", "sh", packages.toString(), name);
        try (Stream<Path> files = Files.list(packages)) {
            for (Path deb : files.filter(p -> p.toString().endsWith(".deb")).toList()) {
                Shell.run("dpkg", "-x", deb.toString(), to.toString());
                Files.delete(deb);
            }
        }
    }

    private static Optional<KernelTree> in(Path root) {
        try (Stream<Path> boot = Files.list(root.resolve("boot"))) {
            List<Path> images = boot.filter(p -> p.getFileName().toString().startsWith("vmlinuz-"))
                    .filter(Files::isReadable)
                    .sorted(Comparator.reverseOrder())
                    .toList();
            for (Path image : images) {
                String version = image.getFileName().toString().substring("vmlinuz-".length());
                Path modules = root.resolve("lib/modules").resolve(version);
                KernelTree tree = new KernelTree(image, modules);
                if (Files.isDirectory(modules) && tree.hasDrivers()) {
                    return Optional.of(tree);
                }
            }
        } catch (IOException e) {
            return Optional.empty(); // not there, or not ours to read
        }
        return Optional.empty();
    }

    /** Whether it drives what the guests have; modules that are compressed cannot be used. */
    private boolean hasDrivers() throws IOException {
        Path list = modules.resolve("modules.builtin");
        List<String> builtIn = Files.isReadable(list) ? Files.readAllLines(list) : List.of();
        for (String driver : DRIVERS) {
            if (module(driver).isEmpty() && builtIn.stream().noneMatch(l -> l.endsWith("/" + driver + ".ko"))) {
                return false;
            }
        }
        return true;
    }

    /** A module's file; empty when it is built in or not there. */
    Optional<Path> module(String name) throws IOException {
        try (Stream<Path> all = Files.walk(modules)) {
            return all.filter(p -> p.getFileName().toString().equals(name + ".ko"))
                    .findFirst();
        }
    }
}
