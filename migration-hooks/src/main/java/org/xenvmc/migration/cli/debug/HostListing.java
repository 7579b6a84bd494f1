package org.xenvmc.migration.cli.debug;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.xenvmc.migration.cli.Table;

/** A host directory as {@code ls -l} shows it. Opens no file and follows no link. */
final class HostListing {
    private static final int MOST_FILES = 10_000;

    private HostListing() {}

    static String of(Path directory) throws IOException {
        Table table = new Table("TYPE", "MODE", "OWNER", ">SIZE", "CHANGED", "NAME");
        List<Path> files = new ArrayList<>(List.of(directory));
        list(directory, files);
        list(directory.resolve("grants"), files);
        Collections.sort(files);
        for (Path file : files.subList(0, Math.min(files.size(), MOST_FILES))) {
            try {
                row(table, file);
            } catch (IOException e) {
                table.row("?", "?", "?", "?", "gone meanwhile", file);
            }
        }
        String rest = files.size() > MOST_FILES ? files.size() - MOST_FILES + " more files\n" : "";
        return table + rest;
    }

    private static void list(Path directory, List<Path> files) throws IOException {
        if (Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
                entries.forEach(files::add);
            }
        }
    }

    private static void row(Table table, Path file) throws IOException {
        PosixFileAttributes a = Files.readAttributes(file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        String type = a.isDirectory() ? "dir" : a.isSymbolicLink() ? "link" : a.isRegularFile() ? "file" : "other";
        table.row(
                type,
                PosixFilePermissions.toString(a.permissions()),
                a.owner().getName(),
                a.size(),
                a.lastModifiedTime(),
                file);
    }
}
