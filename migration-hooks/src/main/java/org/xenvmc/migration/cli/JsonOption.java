package org.xenvmc.migration.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.xenvmc.migration.json.JsonObject;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The option that asks for JSON. */
public final class JsonOption {
    private static final String STANDARD_OUTPUT = "-";

    @Spec(Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--json",
            paramLabel = "FILE",
            description = "Write the result to FILE as JSON, too; - prints JSON instead of text.")
    private String file;

    /** Made by picocli. */
    public JsonOption() {}

    /** Whether JSON takes the place of the text. */
    public boolean replacesText() {
        return STANDARD_OUTPUT.equals(file);
    }

    /** Finds out before the work what would make {@link #write} fail after it. */
    public void check() {
        if (file == null || replacesText()) {
            return;
        }
        Path target = Path.of(file).toAbsolutePath();
        Path directory = target.getParent();
        if (Files.isDirectory(target)) {
            throw wrong("this is a directory; name a file");
        }
        if (directory == null || !Files.isDirectory(directory)) {
            throw wrong("the directory " + directory + " does not exist; create it first");
        }
        if (!Files.isWritable(directory)) {
            throw wrong("the directory " + directory + " is not writable");
        }
    }

    private ParameterException wrong(String why) {
        return new ParameterException(spec.commandLine(), "--json " + file + ": " + why);
    }

    /** Writes the result if that was asked for; the file appears complete or not at all. */
    public void write(JsonObject result) throws IOException {
        if (file == null) {
            return;
        }
        if (replacesText()) {
            PrintWriter out = spec.commandLine().getOut();
            out.print(result.toIndentedText());
            out.flush();
            return;
        }
        Path target = Path.of(file).toAbsolutePath();
        Path draft =
                Files.createTempFile(target.getParent(), target.getFileName().toString(), ".tmp");
        try {
            Files.writeString(draft, result.toIndentedText());
            Files.move(draft, target, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(draft);
        }
    }
}
