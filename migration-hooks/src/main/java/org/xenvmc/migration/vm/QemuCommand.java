package org.xenvmc.migration.vm;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.xenvmc.migration.hook.ControlPort;
import org.xenvmc.migration.qmp.SharedDevice;

/** The command line of a guest's QEMU. Why it is as it is: docs/vm.md. */
final class QemuCommand {
    static final String PROGRAM = "qemu-system-x86_64";

    /** Slot for the shared memory, which can be plugged while the guest runs. */
    static final String SLOT = "rp0";

    private final List<String> words = new ArrayList<>();

    private QemuCommand() {}

    static List<String> of(VmHost host, Accelerator accelerator, Guest.Setup s, GuestNetwork.Card card) {
        QemuCommand c = new QemuCommand();
        c.words.addAll(host.network().prefix());
        c.add(PROGRAM, "-M", "q35", "-nodefaults", "-display", "none", "-no-reboot");
        c.words.addAll(accelerator.arguments());
        // not a multiple of 256 KiB, and a second processor that is never plugged in
        c.add("-m", "524296k", "-smp", "1,maxcpus=2");
        c.boot(host.image(), accelerator, s);
        c.lines(host.folder(), s.name());
        c.add("-device", "pcie-root-port,id=" + SLOT + ",chassis=1,slot=1");
        c.words.addAll(card.arguments());
        if (s.device() != null) {
            c.device(s.device());
        }
        if (s.incoming() != null) {
            c.add("-incoming", s.incoming());
        }
        return c.words;
    }

    private void add(String... more) {
        words.addAll(List.of(more));
    }

    private void boot(GuestImage image, Accelerator accelerator, Guest.Setup s) {
        add("-kernel", image.kernel().toString());
        add("-initrd", image.initrd().toString());
        add(
                "-append",
                "console=ttyS0 quiet panic=-1 mitigations=off "
                        + accelerator.kernelArguments() + " ip4=" + s.address() + " main=" + s.mainClass()
                        + " java=" + s.javaOptions());
    }

    private void lines(Path folder, String name) {
        add("-chardev", "file,id=con,path=" + folder.resolve(name + ".console"), "-serial", "chardev:con");
        add("-chardev", socket("sh", folder.resolve(name + ".sh")), "-serial", "chardev:sh");
        add("-qmp", "unix:" + folder.resolve(name + ".qmp") + ",server=on,wait=off");
        add("-device", "virtio-serial-pci");
        add("-chardev", socket("line", folder.resolve(name + ".line")));
        add("-device", "virtserialport,chardev=line,name=" + Guest.PROGRAM_PORT);
        add("-chardev", socket("control", folder.resolve(name + ".control")));
        add("-device", "virtserialport,chardev=control,name=" + ControlPort.PORT_NAME);
    }

    private void device(SharedDevice d) {
        add(
                "-object",
                "memory-backend-file,id=" + d.memory() + ",share=on,mem-path=" + d.region() + ",size=" + d.sizeBytes());
        add(
                "-device",
                "ivshmem-plain,id=" + d.id() + ",memdev=" + d.memory() + ",master=" + (d.migrated() ? "on" : "off")
                        + ",bus=" + d.bus());
    }

    private static String socket(String id, Path path) {
        return "socket,id=" + id + ",path=" + path + ",server=on,wait=off";
    }
}
