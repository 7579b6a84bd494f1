package org.xenvmc.migration.hook;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.jna.Library;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A pseudo-terminal without echo: a character device for the VM, and the host's end of it. */
final class Pty implements AutoCloseable {
    private static final int O_RDWR_NOCTTY = 2 | 0x100;
    private static final int TERMIOS_BYTES = 256; // more than any
    private static final int TCSANOW = 0;

    interface C extends Library {
        int posix_openpt(int flags);

        int grantpt(int fd);

        int unlockpt(int fd);

        String ptsname(int fd);

        int open(String path, int flags);

        int tcgetattr(int fd, Memory termios);

        void cfmakeraw(Memory termios);

        int tcsetattr(int fd, int when, Memory termios);

        long read(int fd, byte[] to, long bytes);

        long write(int fd, byte[] from, long bytes);

        int close(int fd);
    }

    private final C c = Native.load("c", C.class);
    private final int host;
    private final int kept; // the device stays in raw mode while somebody has it open

    Pty() {
        assumeTrue(Files.exists(Path.of("/dev/ptmx")), "no pseudo-terminals here: /dev/ptmx is missing");
        host = check(c.posix_openpt(O_RDWR_NOCTTY));
        check(c.grantpt(host));
        check(c.unlockpt(host));
        kept = check(c.open(c.ptsname(host), O_RDWR_NOCTTY));
        Memory termios = new Memory(TERMIOS_BYTES);
        check(c.tcgetattr(kept, termios));
        c.cfmakeraw(termios);
        check(c.tcsetattr(kept, TCSANOW, termios));
    }

    private static int check(int result) {
        if (result < 0) {
            throw new AssertionError("errno " + Native.getLastError());
        }
        return result;
    }

    Path device() {
        return Path.of(c.ptsname(host));
    }

    void write(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (c.write(host, bytes, bytes.length) != bytes.length) {
            throw new AssertionError("a short write to a pseudo-terminal");
        }
    }

    /** The next line; blocks until it is there. */
    String readLine() {
        StringBuilder line = new StringBuilder();
        byte[] one = new byte[1];
        while (c.read(host, one, 1) == 1) {
            if (one[0] == '\n') {
                return line.toString();
            }
            line.append((char) one[0]);
        }
        throw new AssertionError("the device was closed after '" + line + "'");
    }

    @Override
    public void close() {
        c.close(kept);
        c.close(host);
    }
}
