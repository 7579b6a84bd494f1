package org.xenvmc.transport.agent.internal;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** Gives one method of a class file another body, and leaves everything else as it is. */
final class ClassPatch {
    /** Writes the new body. */
    interface Body {
        /** Content of the Code attribute, with constants of this pool. */
        byte[] write(PoolWriter pool) throws IOException;
    }

    /** Sizes of the entries of a constant pool by tag, without the tag; 0 is no tag, text has its own length. */
    private static final int[] ENTRY_BYTES = {0, 0, 0, 4, 4, 8, 8, 2, 2, 4, 4, 4, 4, 0, 0, 3, 2, 4, 4, 2, 2};

    private static final int UTF8 = 1;
    private static final int LONG = 5;
    private static final int DOUBLE = 6;
    private static final int BEFORE_POOL_BYTES = 8;

    private final ByteBuffer in;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final DataOutputStream out = new DataOutputStream(bytes);
    private final Map<Integer, String> texts = new HashMap<>();
    private final String method;
    private final String descriptor;
    private byte[] body;
    private int replaced;

    private ClassPatch(byte[] original, String method, String descriptor) {
        this.in = ByteBuffer.wrap(original);
        this.method = method;
        this.descriptor = descriptor;
    }

    /**
     * Returns the patched class file.
     *
     * @throws IOException when the class file has something unknown, or does not have the method with a body exactly once
     */
    static byte[] replace(byte[] original, String method, String descriptor, Body body) throws IOException {
        ClassPatch patch = new ClassPatch(original, method, descriptor);
        patch.run(body);
        if (patch.replaced != 1) {
            throw new IOException(patch.replaced + " methods " + method + descriptor + " with a body, not one");
        }
        return patch.bytes.toByteArray();
    }

    private void run(Body newBody) throws IOException {
        copy(BEFORE_POOL_BYTES);
        int count = u2();
        int start = in.position();
        skipPool(count);
        int end = in.position();
        PoolWriter more = new PoolWriter(count);
        body = newBody.write(more);
        out.writeShort(more.count());
        out.write(in.array(), start, end - start);
        out.write(more.bytes());
        copy(6); // access, this, super
        copy(2 * copyCount()); // interfaces
        copyMembers(false);
        copyMembers(true);
        copyAttributes(false);
    }

    private void skipPool(int count) throws IOException {
        for (int i = 1; i < count; i++) {
            int tag = in.get();
            if (tag == UTF8) {
                byte[] text = new byte[u2()];
                in.get(text);
                texts.put(i, new String(text, StandardCharsets.UTF_8)); // the names that we look for are ASCII
            } else if (tag < 0 || tag >= ENTRY_BYTES.length || ENTRY_BYTES[tag] == 0) {
                throw new IOException("unknown constant, tag " + tag);
            } else {
                in.position(in.position() + ENTRY_BYTES[tag]);
                i += tag == LONG || tag == DOUBLE ? 1 : 0; // these take two indexes
            }
        }
    }

    private void copyMembers(boolean methods) throws IOException {
        int count = copyCount();
        for (int i = 0; i < count; i++) {
            copy(2); // access
            String name = texts.get(copyCount());
            String type = texts.get(copyCount());
            copyAttributes(methods && name.equals(method) && type.equals(descriptor));
        }
    }

    private void copyAttributes(boolean ofTheMethod) throws IOException {
        int count = copyCount();
        for (int i = 0; i < count; i++) {
            boolean code = texts.get(copyCount()).equals("Code");
            int length = in.getInt();
            if (code && ofTheMethod) {
                in.position(in.position() + length);
                out.writeInt(body.length);
                out.write(body);
                replaced++;
            } else {
                out.writeInt(length);
                copy(length);
            }
        }
    }

    private int copyCount() throws IOException {
        int n = u2();
        out.writeShort(n);
        return n;
    }

    private int u2() {
        return in.getShort() & 0xffff;
    }

    private void copy(int length) throws IOException {
        out.write(in.array(), in.position(), length);
        in.position(in.position() + length);
    }
}
