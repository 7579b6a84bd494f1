package org.xenvmc.transport.agent.internal;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/** Classes that no compiler lets us write: some in a package of the JDK, and one of a type that the JDK does not export. */
final class GeneratedClasses {
    static final String BRIDGE = "java/net/XenVmcBridge";
    /** Field of the bridge: {@code IntFunction<SocketImpl>} of 1 for servers, 0 for others. */
    static final String FACTORY = "factory";
    /** Field of the bridge: {@code Function<SocketImpl, SocketImpl>} of a server's implementation. */
    static final String ACCEPTOR = "acceptor";

    static final String STREAMS = "java/net/XenVmcStreams";
    /** Field of the streams: {@code Function<ReadableByteChannel, InputStream>}. */
    static final String INPUT = "input";
    /** Field of the streams: {@code Function<WritableByteChannel, OutputStream>}. */
    static final String OUTPUT = "output";

    static final String INT_FUNCTION = "java/util/function/IntFunction";
    static final String FUNCTION = "java/util/function/Function";
    static final String SUPPLIER = "java/util/function/Supplier";

    private static final String SUPER_IMPL = "org/xenvmc/transport/net/VmcSocketImpl";
    private static final String PLATFORM_IMPL = "org/xenvmc/transport/agent/internal/PlatformVmcSocketImpl";
    private static final int MAGIC = 0xcafebabe;
    private static final int JAVA_17 = 61;
    private static final int PUBLIC_FINAL_SUPER = 0x31;
    private static final int PUBLIC_STATIC_VOLATILE = 0x49;
    private static final int PUBLIC = 0x1;

    private GeneratedClasses() {}

    /** What the patched methods of sockets call. */
    static byte[] bridge() throws IOException {
        return fields(BRIDGE, FACTORY, INT_FUNCTION, ACCEPTOR, FUNCTION);
    }

    /** What the patched methods of streams call. */
    static byte[] streams() throws IOException {
        return fields(STREAMS, INPUT, FUNCTION, OUTPUT, FUNCTION);
    }

    /** Two static fields in {@code java.net}, where the JDK's patched methods can see them and we can set them. */
    private static byte[] fields(String owner, String first, String firstType, String second, String secondType)
            throws IOException {
        PoolWriter pool = new PoolWriter(1);
        ByteArrayOutputStream rest = new ByteArrayOutputStream();
        DataOutputStream out = head(rest, pool, owner, "java/lang/Object");
        out.writeShort(0); // interfaces
        out.writeShort(2); // fields
        field(out, pool.utf8(first), pool.utf8("L" + firstType + ";"));
        field(out, pool.utf8(second), pool.utf8("L" + secondType + ";"));
        out.writeShort(0); // methods
        out.writeShort(0); // attributes
        return complete(pool, rest);
    }

    private static void field(DataOutputStream out, int name, int descriptor) throws IOException {
        out.writeShort(PUBLIC_STATIC_VOLATILE);
        out.writeShort(name);
        out.writeShort(descriptor);
        out.writeShort(0); // attributes
    }

    /** {@code VmcSocketImpl} as an implementation of the platform, which {@code java.net} treats like its own. */
    static byte[] platformImpl() throws IOException {
        PoolWriter pool = new PoolWriter(1);
        String constructor = "(L" + SUPPLIER + ";Z)V";
        ByteArrayOutputStream rest = new ByteArrayOutputStream();
        DataOutputStream out = head(rest, pool, PLATFORM_IMPL, SUPER_IMPL);
        out.writeShort(1); // interfaces
        out.writeShort(pool.type("sun/net/PlatformSocketImpl"));
        out.writeShort(0); // fields
        out.writeShort(1); // methods
        out.writeShort(PUBLIC);
        out.writeShort(pool.utf8("<init>"));
        out.writeShort(pool.utf8(constructor));
        out.writeShort(1); // attributes
        out.writeShort(pool.utf8("Code"));
        byte[] code = new Code()
                .op(Code.ALOAD_0)
                .op(Code.ALOAD_1)
                .op(Code.ILOAD_2)
                .op(Code.INVOKESPECIAL, pool.method(SUPER_IMPL, "<init>", constructor))
                .op(Code.RETURN)
                .attribute(3, 3);
        out.writeInt(code.length);
        out.write(code);
        out.writeShort(0); // attributes
        return complete(pool, rest);
    }

    private static DataOutputStream head(ByteArrayOutputStream rest, PoolWriter pool, String name, String superName)
            throws IOException {
        DataOutputStream out = new DataOutputStream(rest);
        out.writeShort(PUBLIC_FINAL_SUPER);
        out.writeShort(pool.type(name));
        out.writeShort(pool.type(superName));
        return out;
    }

    private static byte[] complete(PoolWriter pool, ByteArrayOutputStream rest) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(all);
        out.writeInt(MAGIC);
        out.writeShort(0);
        out.writeShort(JAVA_17);
        out.writeShort(pool.count());
        out.write(pool.bytes());
        rest.writeTo(out);
        return all.toByteArray();
    }
}
