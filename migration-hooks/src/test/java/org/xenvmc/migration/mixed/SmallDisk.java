package org.xenvmc.migration.mixed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/** A file system of its own, small or read-only, mounted for one test. */
public final class SmallDisk {
    private static final int BLOCK_BYTES = 4096;

    private final Path path;

    private SmallDisk(Path path) {
        this.path = path;
    }

    /** Mounts it; skips the test where that is forbidden. */
    public static SmallDisk mount(Path path, String size, String mode) throws Exception {
        Files.createDirectory(path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        int result =
                run("mount", "-t", "tmpfs", "-o", "size=" + size + ",mode=0700," + mode, "xv-test", path.toString());
        assumeTrue(result == 0, "mounting is forbidden here");
        return new SmallDisk(path);
    }

    private static int run(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    /** Leaves no space in it. */
    public void fill() throws IOException {
        try (FileChannel f =
                FileChannel.open(path.resolve("filler"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            while (true) {
                f.write(ByteBuffer.allocate(BLOCK_BYTES));
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space");
        }
    }

    /** Undoes {@link #fill()}. */
    public void free() throws IOException {
        Files.delete(path.resolve("filler"));
    }

    public void unmount() throws Exception {
        // lazily: VMs of a failed test may still have files of it open
        assertThat(run("umount", "-l", path.toString())).isZero();
        Files.delete(path);
    }
}
