package org.xenvmc.migration.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xenvmc.transport.HostStatus.VmEntry;
import org.xenvmc.transport.VmId;

class VmSelectionTest {
    private final List<VmEntry> vms = List.of(vm(1, "123456-aaa"), vm(12, "123456-bbb"), vm(3, "999999-ccc"));

    private static VmEntry vm(int domId, String uuid) {
        return new VmEntry(new VmId("10.0.0.1", domId), uuid, 100 + domId, "", List.of(), List.of(), 0);
    }

    @ParameterizedTest
    @CsvSource({"1,1", "12,12", "999999,3", "123456-b,12", "123456-aaa,1"})
    void shouldFindByNumberOrUuid(String wanted, int domId) throws IOException {
        assertThat(VmSelection.find(vms, "/h", wanted).id().domId()).isEqualTo(domId);
    }

    @ParameterizedTest
    @CsvSource({"123456,more than one VM", "2,there is no VM '2'", "99999,there is no VM", "x,there is no VM"})
    void shouldListWhatThereIsWhenItIsNotClear(String wanted, String complaint) {
        assertThatIOException()
                .isThrownBy(() -> VmSelection.find(vms, "/h", wanted))
                .withMessageContaining(complaint)
                .withMessageContaining("/h")
                .withMessageContaining("VM 12 (pid 112, 123456-bbb)");
    }

    @Test
    void shouldSayThatNobodyIsThere() {
        assertThatIOException()
                .isThrownBy(() -> VmSelection.find(List.of(), "/h", "1"))
                .withMessageContaining("there are no VMs on it");
    }
}
