package programs.ftp;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import org.apache.commons.net.ftp.FTP;
import org.apache.commons.net.ftp.FTPClient;
import programs.Payload;
import programs.Worker;

/** Stores a file and fetches it again. */
public final class ClientMain {
    private static final int LIMIT_MS = 60_000;

    private static final String FILE = "payload";

    private final FTPClient ftp = new FTPClient();
    private int stored;

    private ClientMain() {}

    /** The argument is the server's port. */
    public static void main(String[] args) throws IOException {
        ClientMain client = new ClientMain();
        client.login(Integer.parseInt(args[0]));
        Worker.drive(client::transfer);
    }

    private void login(int port) throws IOException {
        ftp.setConnectTimeout(LIMIT_MS);
        ftp.setDefaultTimeout(LIMIT_MS);
        ftp.setDataTimeout(Duration.ofMillis(LIMIT_MS));
        ftp.connect("127.0.0.1", port);
        require(ftp.login(ServerMain.USER, ServerMain.PASSWORD), "log in");
        require(ftp.setFileType(FTP.BINARY_FILE_TYPE), "switch to binary");
        ftp.setBufferSize(64 * 1024);
    }

    /** The kind is {@code passive} or {@code active}, for both ways; {@code -store} or {@code -fetch} behind it, for one. */
    private long transfer(String kind, int sizeBytes, int sequence) throws IOException {
        if (kind.startsWith("active")) {
            ftp.enterLocalActiveMode();
        } else {
            ftp.enterLocalPassiveMode();
        }
        if (kind.endsWith("-store")) {
            return store(new Payload(sizeBytes, sequence), sizeBytes);
        }
        if (kind.endsWith("-fetch")) {
            // of what was stored once, so that there is nothing but fetching
            Payload always = new Payload(sizeBytes, 0);
            return (stored == sizeBytes ? 0 : store(always, sizeBytes)) + fetch(always, sizeBytes);
        }
        Payload payload = new Payload(sizeBytes, sequence);
        return store(payload, sizeBytes) + fetch(payload, sizeBytes);
    }

    private long store(Payload payload, int sizeBytes) throws IOException {
        try (InputStream file = payload.open()) {
            require(ftp.storeFile(FILE, file), "store");
        }
        stored = sizeBytes;
        return sizeBytes;
    }

    private long fetch(Payload payload, int sizeBytes) throws IOException {
        try (OutputStream file = payload.comparing()) {
            require(ftp.retrieveFile(FILE, file), "fetch");
        }
        return sizeBytes;
    }

    private void require(boolean done, String what) throws IOException {
        if (!done) {
            throw new IOException("cannot " + what + ": " + ftp.getReplyString());
        }
    }
}
