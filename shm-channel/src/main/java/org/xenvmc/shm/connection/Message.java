package org.xenvmc.shm.connection;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.xenvmc.shm.provider.GrantRef;
import org.xenvmc.transport.ReasonCode;

/**
 * Control messages between the managers of two VMs of one host. Little endian; every message begins with the sender's number on
 * the host. What is read was written by somebody else: a message that does not parse is dropped.
 *
 * <pre>
 *   OFFER     1  from, connection, offer, offerer's local address, offerer's remote address
 *   ACCEPT    2  from, connection (the acceptor's), to (the offerer's), offer, ring
 *   ACTIVATE  3  from, to, offer, ring
 *   REFUSE    4  from, to, offer, reason
 *   LEAVE     5  from, to, reason                      this end has published the end of its ring: do the same
 *   PORT      6  from, port                            this VM listens on a port now
 *   REVOKED   7  from, grant number                    nothing of this grant is in use: unmap it
 *   COMMAND   8  from, id, name, argument              a tool asks
 *   REPLY     9  from, id, status (0 more, 1 last, 2 last and failed), int length, UTF-16LE
 *   AGAIN    10  from, to                              what made this VM refuse the offer has passed: offer again
 *
 *   connection, to: int slot, int generation    offer: long    ring: int grant, int grant bytes, int offset, int capacity
 *   address: byte length, bytes, short port     name, argument, text: int length, UTF-8
 * </pre>
 */
final class Message {
    static final int OFFER = 1;
    static final int ACCEPT = 2;
    static final int ACTIVATE = 3;
    static final int REFUSE = 4;
    static final int LEAVE = 5;
    static final int PORT = 6;
    static final int REVOKED = 7;
    static final int COMMAND = 8;
    static final int REPLY = 9;
    static final int AGAIN = 10;

    static final int MORE = 0;
    static final int LAST = 1;
    static final int FAILED = 2;

    private Message() {}

    /** A connection in a VM's table; the generation tells a slot's present user from its past ones. */
    record Ref(int slot, int generation) {
        static final Ref NONE = new Ref(-1, 0);
    }

    /** Where a ring lies. */
    record RingRef(int grant, int grantBytes, int offset, int capacity) {
        GrantRef grantRef(int owner) {
            return new GrantRef(owner, grant, grantBytes);
        }
    }

    /** Builds a message. */
    static final class Writer {
        private final ByteBuffer b = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);

        Writer(int fromDomId) {
            b.putInt(fromDomId);
        }

        Writer ref(Ref ref) {
            b.putInt(ref.slot()).putInt(ref.generation());
            return this;
        }

        Writer number(long value) {
            b.putLong(value);
            return this;
        }

        Writer small(int value) {
            b.putInt(value);
            return this;
        }

        Writer ring(RingRef r) {
            b.putInt(r.grant()).putInt(r.grantBytes()).putInt(r.offset()).putInt(r.capacity());
            return this;
        }

        Writer address(InetSocketAddress a) {
            byte[] bytes = a.getAddress().getAddress();
            b.put((byte) bytes.length).put(bytes).putShort((short) a.getPort());
            return this;
        }

        Writer text(String s) {
            return bytes(s.getBytes(StandardCharsets.UTF_8));
        }

        Writer bytes(byte[] bytes) {
            b.putInt(bytes.length).put(bytes);
            return this;
        }

        ByteBuffer done() {
            return b.flip();
        }
    }

    /** Takes a message apart; every method throws {@link RuntimeException} when the message is not what it should be. */
    static final class Reader {
        private final ByteBuffer b;

        Reader(ByteBuffer payload) {
            b = payload.order(ByteOrder.LITTLE_ENDIAN);
        }

        int small() {
            return b.getInt();
        }

        long number() {
            return b.getLong();
        }

        Ref ref() {
            return new Ref(b.getInt(), b.getInt());
        }

        RingRef ring() {
            return new RingRef(b.getInt(), b.getInt(), b.getInt(), b.getInt());
        }

        ReasonCode reason() {
            return ReasonCode.ofCode(b.getInt());
        }

        InetSocketAddress address() {
            byte[] bytes = new byte[b.get()];
            b.get(bytes);
            try {
                return new InetSocketAddress(InetAddress.getByAddress(bytes), b.getShort() & 0xffff);
            } catch (UnknownHostException e) {
                throw new IllegalArgumentException(e);
            }
        }

        String text() {
            return new String(bytes(), StandardCharsets.UTF_8);
        }

        byte[] bytes() {
            int length = b.getInt();
            if (length < 0 || length > b.remaining()) {
                throw new IllegalArgumentException("text of length " + length);
            }
            byte[] bytes = new byte[length];
            b.get(bytes);
            return bytes;
        }
    }
}
