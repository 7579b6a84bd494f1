package org.xenvmc.shm.syscall;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class ArchTest {
    @Test
    void shouldSupportOnlyLittleEndianLinux() {
        assertThat(Arch.of("Linux", "amd64", ByteOrder.LITTLE_ENDIAN)).isEqualTo(Arch.X86_64);
        assertThat(Arch.of("Linux", "aarch64", ByteOrder.LITTLE_ENDIAN)).isEqualTo(Arch.AARCH64);
        assertThat(Arch.of("Linux", "aarch64", ByteOrder.BIG_ENDIAN)).isNull();
        assertThat(Arch.of("Linux", "riscv64", ByteOrder.LITTLE_ENDIAN)).isNull();
        assertThat(Arch.of("Mac OS X", "aarch64", ByteOrder.LITTLE_ENDIAN)).isNull();
        assertThat(Arch.of("Linux", null, ByteOrder.LITTLE_ENDIAN)).isNull();
    }

    @Test
    void shouldReadStatusOfBothProcessors() {
        ByteBuffer x86 = stat().putLong(16, 3).putInt(24, 0x8180).putInt(28, 1000);
        ByteBuffer arm = stat().putInt(16, 0x8180).putInt(20, 3).putInt(24, 1000);
        FileStatus expected = new FileStatus(1, 2, 0x8180, 3, 1000, 4096, 8192);
        assertThat(FileStatus.parse(x86.array(), Arch.X86_64)).isEqualTo(expected);
        assertThat(FileStatus.parse(arm.array(), Arch.AARCH64)).isEqualTo(expected);
        assertThat(expected.regular()).isTrue();
        assertThat(expected.permissions()).isEqualTo(0600);
    }

    private static ByteBuffer stat() {
        ByteBuffer stat = ByteBuffer.allocate(FileStatus.STAT_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        return stat.putLong(0, 1).putLong(8, 2).putLong(48, 4096).putLong(64, 16);
    }
}
