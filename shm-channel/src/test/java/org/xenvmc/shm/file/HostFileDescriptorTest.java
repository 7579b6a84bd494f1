package org.xenvmc.shm.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xenvmc.shm.file.HostFileDescriptor.entryNumber;
import static org.xenvmc.shm.file.HostFileDescriptor.grantParties;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class HostFileDescriptorTest {
    private static String text(long magic) {
        byte[] bytes = ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(magic)
                .array();
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    @Test
    void shouldReadBackNamesThatItMakes() {
        assertThat(entryNumber(HostFileDescriptor.entryName(17))).isEqualTo(17);
        assertThat(grantParties(HostFileDescriptor.grantName(1, 2, 3))).containsExactly(1, 3);
        assertThat(HostFileDescriptor.isNewName(HostFileDescriptor.newName("x")))
                .isTrue();
    }

    @Test
    void shouldRejectNamesOfOthers() {
        for (String name : new String[] {"vm-", "vm--1", "vm-1x", "vm-1234567890", "vm", "xvm-1", "vm-\u0661"}) {
            assertThat(entryNumber(name)).as(name).isNegative();
        }
        for (String name : new String[] {"grant-1-2", "grant-1-2-3-4", "grant-a-1-1", "grant-1-1-", "g-1-2-3"}) {
            assertThat(grantParties(name)).as(name).isNull();
        }
    }

    /** Changing one of these numbers is a new layout version. */
    @Test
    void shouldKeepDocumentedLayout() {
        assertThat(text(HostFileDescriptor.MAGIC)).isEqualTo("XENVMCHO");
        assertThat(text(VmEntryDescriptor.MAGIC)).isEqualTo("XENVMCVM");
        assertThat(HostFileDescriptor.LAYOUT_VERSION).isEqualTo(1);
        assertThat(HostFileDescriptor.EPOCH_OFFSET).isEqualTo(32);
        assertThat(HostFileDescriptor.HOST_FILE_BYTES).isEqualTo(40);
        assertThat(VmEntryDescriptor.LABEL_LENGTH_OFFSET).isEqualTo(68);
        assertThat(VmEntryDescriptor.ADDRESSES_OFFSET).isEqualTo(384);
        assertThat(VmEntryDescriptor.ADDRESSES_OFFSET
                        + VmEntryDescriptor.MAX_ADDRESSES * VmEntryDescriptor.ADDRESS_ENTRY_BYTES)
                .isLessThanOrEqualTo(VmEntryDescriptor.IDENTITY_BYTES);
        assertThat(VmEntryDescriptor.BELL_OFFSET).isEqualTo(4096);
        assertThat(VmEntryDescriptor.TOP_OFFSET).isEqualTo(4224);
        assertThat(VmEntryDescriptor.MID_OFFSET).isEqualTo(4352);
        assertThat(VmEntryDescriptor.LEAF_OFFSET).isEqualTo(8192);
        assertThat(VmEntryDescriptor.PORTS_OFFSET).isEqualTo(16384);
        assertThat(VmEntryDescriptor.MAILBOX_OFFSET).isEqualTo(24576);
        assertThat(VmEntryDescriptor.ENTRY_BYTES).isEqualTo(290816);
    }
}
