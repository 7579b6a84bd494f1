package org.xenvmc.transport.net;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Objects;

/** The streams of a socket implementation; closing one closes the socket. */
final class ImplStreams {
    private ImplStreams() {}

    /** Reads. */
    static final class In extends InputStream {
        private final VmcSocketImpl impl;

        In(VmcSocketImpl impl) {
            this.impl = impl;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) > 0 ? one[0] & 0xff : -1;
        }

        @Override
        public int read(byte[] b, int off, int len) throws IOException {
            Objects.checkFromIndexSize(off, len, b.length);
            return len == 0 ? 0 : impl.data().read(b, off, len, impl.timeoutMs());
        }

        @Override
        public int available() throws IOException {
            return impl.available();
        }

        @Override
        public void close() throws IOException {
            impl.close();
        }
    }

    /** Writes; every write writes all. */
    static final class Out extends OutputStream {
        private final VmcSocketImpl impl;

        Out(VmcSocketImpl impl) {
            this.impl = impl;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] b, int off, int len) throws IOException {
            Objects.checkFromIndexSize(off, len, b.length);
            if (len > 0) {
                impl.data().write(b, off, len);
            }
        }

        @Override
        public void close() throws IOException {
            impl.close();
        }
    }
}
