package org.xenvmc.transport.agent.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class ClassPatchTest {
    /** Has every kind of constant that a compiler makes for ordinary code. */
    static final class Sample {
        public static String text = "replaced";
        public static final long WIDE = 1L << 40;
        public static final double BROKEN = 0.1;

        private Sample() {}

        public static String answer(int unused) {
            Supplier<String> s = () -> "original " + WIDE + BROKEN + unused;
            return s.get();
        }

        public static String answer() {
            return "other";
        }
    }

    private static final String NAME = Sample.class.getName();
    private static final String DESCRIPTOR = "(I)Ljava/lang/String;";

    private static byte[] original() throws IOException {
        try (InputStream in = Sample.class.getResourceAsStream("/" + NAME.replace('.', '/') + ".class")) {
            return in.readAllBytes();
        }
    }

    private static byte[] body(PoolWriter pool) throws IOException {
        return new Code()
                .op(Code.GETSTATIC, pool.field(NAME.replace('.', '/'), "text", "Ljava/lang/String;"))
                .op(Code.ARETURN)
                .attribute(1, 1);
    }

    private static final class Loader extends ClassLoader {
        Class<?> define(byte[] code) {
            return defineClass(NAME, code, 0, code.length);
        }
    }

    private static Object call(byte[] code, Object... arguments) throws ReflectiveOperationException {
        Class<?>[] types = arguments.length == 0 ? new Class<?>[0] : new Class<?>[] {int.class};
        var method = new Loader().define(code).getDeclaredMethod("answer", types);
        method.setAccessible(true);
        return method.invoke(null, arguments);
    }

    @Test
    void shouldReplaceOneMethodAndNothingElse() throws Exception {
        assertThat(call(original(), 1)).asString().startsWith("original");
        byte[] patched = ClassPatch.replace(original(), "answer", DESCRIPTOR, ClassPatchTest::body);
        assertThat(call(patched, 1)).isEqualTo("replaced");
        assertThat(call(patched)).isEqualTo("other");
    }

    @Test
    void shouldRefuseWhenThereIsNoSuchMethod() throws Exception {
        byte[] code = original();
        assertThatThrownBy(() -> ClassPatch.replace(code, "answer", "(J)V", ClassPatchTest::body))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("answer(J)V");
        assertThatThrownBy(() -> ClassPatch.replace(code, "reply", DESCRIPTOR, ClassPatchTest::body))
                .isInstanceOf(IOException.class);
    }

    @Test
    void shouldRefuseConstantsItDoesNotKnow() throws Exception {
        byte[] code = Arrays.copyOf(original(), original().length);
        code[10] = 99; // tag of the first constant
        assertThatThrownBy(() -> ClassPatch.replace(code, "answer", DESCRIPTOR, ClassPatchTest::body))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("tag 99");
    }
}
