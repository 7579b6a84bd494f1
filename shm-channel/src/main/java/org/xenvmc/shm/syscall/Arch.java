package org.xenvmc.shm.syscall;

import java.nio.ByteOrder;
import java.util.Locale;

/**
 * What differs between the processors that are supported: numbers of system calls, flags of open, layout of struct stat
 * (kernel sources: arch/x86/entry/syscalls, include/uapi/asm-generic, arch/arm64/include/uapi/asm/fcntl.h).
 */
enum Arch {
    X86_64(202, 316, 324, 323, 5, 0x10000, 0x20000, 24, 28, 16, 8),
    AARCH64(98, 276, 283, 282, 80, 0x4000, 0x8000, 16, 24, 20, 4);

    final int sysFutex;
    final int sysRenameat2;
    final int sysMembarrier;
    final int sysUserfaultfd;
    final int sysFstat;
    final int openDirectory;
    final int openNoFollow;
    final int statModeOffset;
    final int statUidOffset;
    final int statLinksOffset;
    final int statLinksBytes;

    Arch(
            int sysFutex,
            int sysRenameat2,
            int sysMembarrier,
            int sysUserfaultfd,
            int sysFstat,
            int openDirectory,
            int openNoFollow,
            int statModeOffset,
            int statUidOffset,
            int statLinksOffset,
            int statLinksBytes) {
        this.sysFutex = sysFutex;
        this.sysRenameat2 = sysRenameat2;
        this.sysMembarrier = sysMembarrier;
        this.sysUserfaultfd = sysUserfaultfd;
        this.sysFstat = sysFstat;
        this.openDirectory = openDirectory;
        this.openNoFollow = openNoFollow;
        this.statModeOffset = statModeOffset;
        this.statUidOffset = statUidOffset;
        this.statLinksOffset = statLinksOffset;
        this.statLinksBytes = statLinksBytes;
    }

    /** The processor and system of this JVM, or null when they are not supported. */
    static Arch current() {
        return of(System.getProperty("os.name"), System.getProperty("os.arch"), ByteOrder.nativeOrder());
    }

    static Arch of(String osName, String osArch, ByteOrder order) {
        if (!"Linux".equals(osName) || osArch == null || order != ByteOrder.LITTLE_ENDIAN) {
            return null;
        }
        return switch (osArch.toLowerCase(Locale.ROOT)) {
            case "amd64", "x86_64" -> X86_64;
            case "aarch64", "arm64" -> AARCH64;
            default -> null;
        };
    }
}
