package org.xenvmc.shm.mailbox;

import java.nio.ByteBuffer;

/** Takes messages out of a mailbox. */
@FunctionalInterface
public interface MailboxHandler {
    /**
     * A message.
     *
     * @param type positive
     * @param payload private memory, valid during the call; any content
     */
    void message(int type, ByteBuffer payload);
}
