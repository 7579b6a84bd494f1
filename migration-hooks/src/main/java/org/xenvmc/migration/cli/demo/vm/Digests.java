package org.xenvmc.migration.cli.demo.vm;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 of what is moved. */
public final class Digests {
    private Digests() {}

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** The digest of everything up to now, which can go on. */
    static String soFar(MessageDigest digest) {
        try {
            return HexFormat.of().formatHex(((MessageDigest) digest.clone()).digest());
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("the JDK's own SHA-256 can be cloned", e);
        }
    }

    /** The digest of a file, in hexadecimal digits. */
    public static String ofFile(Path file) throws IOException {
        MessageDigest digest = sha256();
        byte[] chunk = new byte[Wire.CHUNK_BYTES];
        try (FileChannel in = FileChannel.open(file)) {
            int count;
            while ((count = in.read(ByteBuffer.wrap(chunk))) >= 0) {
                digest.update(chunk, 0, count);
            }
        }
        return soFar(digest);
    }
}
