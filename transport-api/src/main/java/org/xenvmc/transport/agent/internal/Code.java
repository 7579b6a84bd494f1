package org.xenvmc.transport.agent.internal;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/** Straight-line code of a method: without branches it needs no stack maps, whatever the version of the class file. */
final class Code {
    static final int ILOAD_0 = 0x1a;
    static final int ILOAD_2 = 0x1c;
    static final int ALOAD_0 = 0x2a;
    static final int ALOAD_1 = 0x2b;
    static final int ASTORE_1 = 0x4c;
    static final int ARETURN = 0xb0;
    static final int RETURN = 0xb1;
    static final int GETSTATIC = 0xb2;
    static final int GETFIELD = 0xb4;
    static final int INVOKEVIRTUAL = 0xb6;
    static final int INVOKESPECIAL = 0xb7;
    static final int CHECKCAST = 0xc0;
    private static final int INVOKEINTERFACE = 0xb9;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final DataOutputStream out = new DataOutputStream(bytes);

    Code op(int opcode) throws IOException {
        out.writeByte(opcode);
        return this;
    }

    /** An instruction that names an entry of the constant pool. */
    Code op(int opcode, int index) throws IOException {
        out.writeByte(opcode);
        out.writeShort(index);
        return this;
    }

    Code invokeInterface(int index, int slots) throws IOException {
        op(INVOKEINTERFACE, index);
        out.writeByte(slots);
        out.writeByte(0);
        return this;
    }

    /** The content of a Code attribute (JVM specification, 4.7.3). */
    byte[] attribute(int maxStack, int maxLocals) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        DataOutputStream attribute = new DataOutputStream(all);
        attribute.writeShort(maxStack);
        attribute.writeShort(maxLocals);
        attribute.writeInt(bytes.size());
        bytes.writeTo(attribute);
        attribute.writeShort(0); // exception table
        attribute.writeShort(0); // attributes
        return all.toByteArray();
    }
}
