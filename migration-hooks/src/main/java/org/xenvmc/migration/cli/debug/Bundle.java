package org.xenvmc.migration.cli.debug;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Texts that become one zip file. Used by one thread. */
final class Bundle {
    private final Map<String, String> texts = new LinkedHashMap<>();
    private final Map<String, String> explanations = new LinkedHashMap<>();

    /** Something that may fail; the bundle is made all the same, and says so. */
    interface Source {
        String text() throws IOException;
    }

    void add(String name, String explanation, Source source) {
        String text;
        try {
            text = source.text();
        } catch (IOException | RuntimeException e) {
            text = "not available: " + e + "\n";
        }
        texts.put(name, text);
        explanations.put(name, explanation);
    }

    /** What is in it, for people. */
    String contents() {
        StringBuilder out = new StringBuilder();
        texts.forEach((name, text) ->
                out.append(String.format("  %-20s %7d bytes  %s%n", name, text.length(), explanations.get(name))));
        return out.toString();
    }

    /** Writes it for its owner only; the file appears complete or not at all. */
    void write(Path file, UnaryOperator<String> filter) throws IOException {
        Path target = file.toAbsolutePath();
        Path draft = Files.createTempFile(
                target.getParent(),
                target.getFileName().toString(),
                ".tmp",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            try (OutputStream out = Files.newOutputStream(draft);
                    ZipOutputStream zip = new ZipOutputStream(out, StandardCharsets.UTF_8)) {
                for (Map.Entry<String, String> text : texts.entrySet()) {
                    zip.putNextEntry(new ZipEntry(text.getKey()));
                    zip.write(filter.apply(text.getValue()).getBytes(StandardCharsets.UTF_8));
                    zip.closeEntry();
                }
            }
            Files.move(draft, target, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(draft);
        }
    }
}
