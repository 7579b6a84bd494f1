package org.xenvmc.migration.qmp;

import java.io.IOException;

/** QEMU refused a command; the message names the command and gives QEMU's own words. */
public final class QmpException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String errorClass;

    QmpException(String command, String errorClass, String description) {
        super("QEMU refused '" + command + "': " + description);
        this.errorClass = errorClass;
    }

    /** QEMU's class of the error, such as GenericError, CommandNotFound or DeviceNotFound. */
    public String errorClass() {
        return errorClass;
    }
}
