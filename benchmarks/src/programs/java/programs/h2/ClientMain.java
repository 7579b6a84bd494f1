package programs.h2;

import java.io.IOException;
import java.io.InputStream;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import programs.Payload;
import programs.Worker;

/** Inserts, selects and deletes. */
public final class ClientMain {
    private final Connection database;

    private ClientMain(Connection database) {
        this.database = database;
    }

    /** The argument is the server's port. */
    public static void main(String[] args) throws SQLException {
        Connection database =
                DriverManager.getConnection("jdbc:h2:tcp://127.0.0.1:" + args[0] + "/mem:test;DB_CLOSE_DELAY=-1");
        try (Statement statement = database.createStatement()) {
            statement.execute("create table if not exists large (id int primary key, content blob)");
            statement.execute("create table if not exists small (id int primary key, content varbinary)");
        }
        Worker.drive(new ClientMain(database)::transfer);
    }

    private long transfer(String kind, int sizeBytes, int sequence) throws SQLException, IOException {
        if (kind.equals("for-ever")) {
            return forEver();
        }
        String table = kind.equals("blob") ? "large" : "small";
        Payload payload = new Payload(sizeBytes, sequence);
        try (PreparedStatement insert = database.prepareStatement("insert into " + table + " values (?, ?)")) {
            insert.setInt(1, sequence);
            insert.setBinaryStream(2, payload.open(), sizeBytes);
            insert.executeUpdate();
        }
        try (PreparedStatement select = database.prepareStatement("select content from " + table + " where id = ?")) {
            select.setInt(1, sequence);
            try (ResultSet rows = select.executeQuery()) {
                rows.next();
                try (InputStream content = rows.getBinaryStream(1)) {
                    payload.check(content);
                }
            }
        }
        try (PreparedStatement delete = database.prepareStatement("delete from " + table + " where id = ?")) {
            delete.setInt(1, sequence);
            delete.executeUpdate();
        }
        return 2L * sizeBytes;
    }

    /** A question that the server thinks about for years. */
    private long forEver() throws SQLException {
        try (Statement statement = database.createStatement();
                ResultSet rows =
                        statement.executeQuery("select x from system_range(1, 1000000000000000) where mod(x, 7) = 9")) {
            rows.next();
            return 0;
        }
    }
}
