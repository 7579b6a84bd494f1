package org.xenvmc.transport.agent.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.net.SocketImpl;
import java.nio.channels.Channel;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.security.ProtectionDomain;
import java.util.function.Function;
import org.xenvmc.transport.ChannelStreams;

/**
 * Replaces the place at which the JDK chooses the stream of a channel. For its own socket channels it has streams that read while
 * another thread is blocked in writing; all others, ours among them, would get those that hold a lock meanwhile. Up to JDK 18
 * there is no such place, and no difference.
 */
final class StreamPatch implements ClassFileTransformer {
    private static final String PLACE = "sun.nio.ch.Streams";
    private static final String INPUT_METHOD = "(Ljava/nio/channels/ReadableByteChannel;)Ljava/io/InputStream;";
    private static final String OUTPUT_METHOD = "(Ljava/nio/channels/WritableByteChannel;)Ljava/io/OutputStream;";

    private final Class<?> place;
    private Exception failure;
    private boolean patched;

    private StreamPatch(Class<?> place) {
        this.place = place;
    }

    static void install(Instrumentation instrumentation) throws Exception {
        Class<?> place;
        try {
            place = Class.forName(PLACE);
        } catch (ClassNotFoundException e) {
            return; // before JDK 19
        }
        if (!instrumentation.isRetransformClassesSupported()) {
            throw new UnsupportedOperationException("this JVM does not let agents change classes");
        }
        fill(MethodHandles.privateLookupIn(SocketImpl.class, MethodHandles.lookup())
                .defineClass(GeneratedClasses.streams()));
        new StreamPatch(place).apply(instrumentation);
    }

    private static void fill(Class<?> bridge) throws ReflectiveOperationException {
        Class<?> jdks = Class.forName("sun.nio.ch.SocketChannelImpl");
        Function<Object, Object> socketInput = maker("SocketInputStream", jdks);
        Function<Object, Object> otherInput = maker("ChannelInputStream", ReadableByteChannel.class);
        Function<Object, Object> socketOutput = maker("SocketOutputStream", jdks);
        Function<Object, Object> otherOutput = maker("ChannelOutputStream", WritableByteChannel.class);
        Function<Channel, Object> input = channel -> {
            InputStream ours = ChannelStreams.input(channel);
            return ours != null ? ours : (jdks.isInstance(channel) ? socketInput : otherInput).apply(channel);
        };
        Function<Channel, Object> output = channel -> {
            OutputStream ours = ChannelStreams.output(channel);
            return ours != null ? ours : (jdks.isInstance(channel) ? socketOutput : otherOutput).apply(channel);
        };
        bridge.getField(GeneratedClasses.INPUT).set(null, input);
        bridge.getField(GeneratedClasses.OUTPUT).set(null, output);
    }

    /** Calls a constructor of a stream of the JDK, as the replaced code did. */
    private static Function<Object, Object> maker(String stream, Class<?> channel) throws ReflectiveOperationException {
        Class<?> type = Class.forName("sun.nio.ch." + stream);
        MethodHandle constructor = MethodHandles.privateLookupIn(type, MethodHandles.lookup())
                .findConstructor(type, MethodType.methodType(void.class, channel))
                .asType(MethodType.methodType(Object.class, Object.class));
        return argument -> {
            try {
                return constructor.invokeExact(argument);
            } catch (Throwable e) {
                throw new IllegalStateException(e); // it sets fields
            }
        };
    }

    private void apply(Instrumentation instrumentation) throws Exception {
        instrumentation.addTransformer(this, true);
        boolean complete = false;
        try {
            instrumentation.retransformClasses(place);
            check();
            complete = true;
        } finally {
            instrumentation.removeTransformer(this);
            if (!complete && patched) {
                instrumentation.retransformClasses(place); // as it was
            }
        }
    }

    private void check() throws Exception {
        if (failure != null) {
            throw failure;
        }
        if (!patched) {
            throw new IllegalStateException("the JVM did not offer " + PLACE + " for change");
        }
        Channels.newInputStream(Channels.newChannel(InputStream.nullInputStream()))
                .close();
        Channels.newOutputStream(Channels.newChannel(OutputStream.nullOutputStream()))
                .close();
    }

    @Override
    public byte[] transform(
            Module module, ClassLoader loader, String name, Class<?> type, ProtectionDomain domain, byte[] original) {
        if (type != place) {
            return null;
        }
        try {
            byte[] half = ClassPatch.replace(
                    original, "of", INPUT_METHOD, pool -> body(pool, GeneratedClasses.INPUT, "java/io/InputStream"));
            byte[] all = ClassPatch.replace(
                    half, "of", OUTPUT_METHOD, pool -> body(pool, GeneratedClasses.OUTPUT, "java/io/OutputStream"));
            patched = true;
            return all;
        } catch (IOException | RuntimeException e) {
            failure = e; // the JVM would swallow it
            return null;
        }
    }

    /** {@code return (InputStream) XenVmcStreams.input.apply(channel)}. */
    private static byte[] body(PoolWriter pool, String field, String stream) throws IOException {
        return new Code()
                .op(Code.GETSTATIC, pool.field(GeneratedClasses.STREAMS, field, "L" + GeneratedClasses.FUNCTION + ";"))
                .op(Code.ALOAD_0)
                .invokeInterface(
                        pool.interfaceMethod(
                                GeneratedClasses.FUNCTION, "apply", "(Ljava/lang/Object;)Ljava/lang/Object;"),
                        2)
                .op(Code.CHECKCAST, pool.type(stream))
                .op(Code.ARETURN)
                .attribute(2, 1);
    }
}
