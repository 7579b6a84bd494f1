package org.xenvmc.transport.agent.internal;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/** Writes entries of a class file's constant pool (JVM specification, 4.4). Each method returns the index of its entry. */
final class PoolWriter {
    private static final int UTF8 = 1;
    private static final int CLASS = 7;
    private static final int FIELD = 9;
    private static final int METHOD = 10;
    private static final int INTERFACE_METHOD = 11;
    private static final int NAME_AND_TYPE = 12;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final DataOutputStream out = new DataOutputStream(bytes);
    private int next;

    /** Entries behind those that are there already; the first index of a new pool is 1. */
    PoolWriter(int firstIndex) {
        next = firstIndex;
    }

    int utf8(String text) throws IOException {
        out.writeByte(UTF8);
        out.writeUTF(text);
        return next++;
    }

    int type(String internalName) throws IOException {
        int name = utf8(internalName);
        out.writeByte(CLASS);
        out.writeShort(name);
        return next++;
    }

    int field(String owner, String name, String descriptor) throws IOException {
        return member(FIELD, owner, name, descriptor);
    }

    int method(String owner, String name, String descriptor) throws IOException {
        return member(METHOD, owner, name, descriptor);
    }

    int interfaceMethod(String owner, String name, String descriptor) throws IOException {
        return member(INTERFACE_METHOD, owner, name, descriptor);
    }

    private int member(int tag, String owner, String name, String descriptor) throws IOException {
        int type = type(owner);
        int nameIndex = utf8(name);
        int descriptorIndex = utf8(descriptor);
        out.writeByte(NAME_AND_TYPE);
        out.writeShort(nameIndex);
        out.writeShort(descriptorIndex);
        int nameAndType = next++;
        out.writeByte(tag);
        out.writeShort(type);
        out.writeShort(nameAndType);
        return next++;
    }

    /** Number of entries plus one, as the class file has it. */
    int count() {
        return next;
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }
}
