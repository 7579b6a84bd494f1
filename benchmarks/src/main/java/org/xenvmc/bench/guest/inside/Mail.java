package org.xenvmc.bench.guest.inside;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;

/** Mails with an attached file: a header that says what has to arrive, and the file as text. */
final class Mail {
    static final String NUMBER = "X-Number";
    static final String LENGTH = "X-Length";
    static final String CHECK = "X-Check";

    private static final byte[] END = "\r\n.\r\n".getBytes(StandardCharsets.US_ASCII);

    private final byte[] file;

    /**
     * The file is random; encoded as mail wants it, it is a third longer.
     *
     * @param fileBytes size of the attached file
     */
    Mail(int fileBytes) {
        byte[] content = new byte[fileBytes];
        new SplittableRandom(fileBytes).nextBytes(content);
        file = Base64.getMimeEncoder().encode(content);
    }

    /** A mail as it goes over the connection after DATA, its end included. */
    ByteBuffer[] text(int number) {
        byte[] first = ("mail " + number + "\r\n").getBytes(StandardCharsets.US_ASCII);
        CRC32C check = new CRC32C();
        check.update(first);
        check.update(file);
        String head = "From: <sender@vm2>\r\nTo: <user@vm1>\r\nSubject: a file\r\n" + NUMBER + ": " + number + "\r\n"
                + LENGTH + ": " + (first.length + file.length) + "\r\n" + CHECK + ": " + check.getValue() + "\r\n\r\n";
        return new ByteBuffer[] {
            ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII)),
            ByteBuffer.wrap(first),
            ByteBuffer.wrap(file),
            ByteBuffer.wrap(END)
        };
    }

    /** The number in a line of the header, if it is this one; otherwise -1. */
    static long value(String line, String name) throws IOException {
        if (!line.startsWith(name + ": ")) {
            return -1;
        }
        try {
            return Long.parseLong(line.substring(name.length() + 2));
        } catch (NumberFormatException e) {
            throw new IOException("a header that was not sent: " + line, e);
        }
    }
}
