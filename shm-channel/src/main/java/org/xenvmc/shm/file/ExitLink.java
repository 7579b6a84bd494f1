package org.xenvmc.shm.file;

import java.io.File;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Has the JVM remove this VM's entry when it ends, after all shutdown hooks: connections that hooks of the application use go
 * on until then, and nothing waits for anybody.
 *
 * <p>The JVM deletes such files by their path, and never forgets one ({@link File#deleteOnExit()}). The path leads
 * therefore through a link of this one membership, {@code grants/grant-<owner>-<big random number>-<owner>}, which leads to the
 * host directory. When the VM leaves, its link goes like its grants, and the path means nothing any more, whatever then is where
 * its entry was.
 */
final class ExitLink {
    private static final Logger LOG = System.getLogger(ExitLink.class.getName());
    /** Numbers of grants begin at 1 and do not come so far. */
    private static final int FIRST_NUMBER = 500_000_000;

    private static final int LAST_NUMBER = 999_999_999;
    private static final Path HOST_DIRECTORY = Path.of("..");

    private ExitLink() {}

    /** Makes the link. Whoever dies without it, or cannot make it, is reaped by the others. */
    static void make(HostDirectory directory, int domId) {
        int number = ThreadLocalRandom.current().nextInt(FIRST_NUMBER, LAST_NUMBER);
        String link = HostFileDescriptor.grantName(domId, number, domId);
        try {
            directory.useGrants(
                    grantsFd -> Files.createSymbolicLink(Path.of("/proc/self/fd/" + grantsFd, link), HOST_DIRECTORY));
            Path path = Path.of(directory.path()).toAbsolutePath().resolve(HostFileDescriptor.GRANTS_DIRECTORY);
            // deleted in the reverse order
            path.resolve(link).toFile().deleteOnExit();
            path.resolve(link)
                    .resolve(HostFileDescriptor.entryName(domId))
                    .toFile()
                    .deleteOnExit();
        } catch (IOException | UnsupportedOperationException | IllegalStateException e) {
            LOG.log(Level.DEBUG, "the entry of this VM stays until the others remove it", e);
        }
    }
}
