package org.xenvmc.migration.cli;

import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import org.xenvmc.transport.HostStatus.VmEntry;

/** Finds the VM that somebody means. */
final class VmSelection {
    private static final int MIN_UUID_CHARS = 6;

    private VmSelection() {}

    /**
     * Finds a VM by its number on the host, or by its UUID or the beginning of it (6 characters at least).
     *
     * @throws IOException when there is none, or more than one; the message lists what there is
     */
    static VmEntry find(List<VmEntry> vms, String host, String wanted) throws IOException {
        List<VmEntry> found = vms.stream().filter(vm -> matches(vm, wanted)).toList();
        if (found.size() == 1) {
            return found.get(0);
        }
        String what =
                found.isEmpty() ? "there is no VM '" + wanted + "' on " : "more than one VM is '" + wanted + "' on ";
        throw new IOException(what + host + "; " + list(found.isEmpty() ? vms : found));
    }

    private static boolean matches(VmEntry vm, String wanted) {
        return String.valueOf(vm.id().domId()).equals(wanted)
                || wanted.length() >= MIN_UUID_CHARS && vm.uuid().startsWith(wanted);
    }

    private static String list(List<VmEntry> vms) {
        if (vms.isEmpty()) {
            return "there are no VMs on it";
        }
        return vms.stream()
                .map(vm -> "VM " + vm.id().domId() + " (pid " + vm.pid() + ", " + vm.uuid() + ")")
                .collect(Collectors.joining(", ", "there are ", ""));
    }
}
