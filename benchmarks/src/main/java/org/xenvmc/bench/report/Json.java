package org.xenvmc.bench.report;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Collectors;

/** The report as JSON: a list of objects {id, ours, peer, unit, ratio, low, high, goal, met}, with error where one failed. */
public final class Json {
    private static final MathContext DIGITS = new MathContext(6);

    private Json() {}

    /** Writes the report to a file, which appears complete or not at all. */
    public static void write(Path file, List<FigureResult> results) throws IOException {
        Path target = file.toAbsolutePath();
        Path draft =
                Files.createTempFile(target.getParent(), target.getFileName().toString(), ".tmp");
        try {
            Files.writeString(draft, render(results));
            Files.move(draft, target, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(draft);
        }
    }

    /** The report as text. */
    public static String render(List<FigureResult> results) {
        return results.stream().map(Json::object).collect(Collectors.joining(",\n  ", "[\n  ", "\n]\n"));
    }

    private static String object(FigureResult r) {
        String error = r.error() == null ? "" : ", \"error\": " + text(r.error());
        return "{\"id\": " + text(r.id()) + ", \"ours\": " + number(r.ours()) + ", \"peer\": " + number(r.peer())
                + ", \"unit\": " + text(r.unit()) + ", \"ratio\": " + number(r.ratio()) + ", \"low\": "
                + number(r.low()) + ", \"high\": " + number(r.high()) + ", \"goal\": " + text(r.goal())
                + ", \"met\": " + r.met() + error + "}";
    }

    /** A number with six significant digits; null when it is not finite, which JSON cannot say. */
    static String number(double value) {
        return Double.isFinite(value)
                ? new BigDecimal(value).round(DIGITS).stripTrailingZeros().toPlainString()
                : "null";
    }

    /** A string with everything escaped that has to be. */
    static String text(String value) {
        StringBuilder out = new StringBuilder("\"");
        value.chars().forEach(c -> escape(out, (char) c));
        return out.append('"').toString();
    }

    private static void escape(StringBuilder out, char c) {
        switch (c) {
            case '"' -> out.append("\\\"");
            case '\\' -> out.append("\\\\");
            case '\n' -> out.append("\\n");
            case '\t' -> out.append("\\t");
            default -> {
                if (c < ' ' || Character.isSurrogate(c)) {
                    out.append(String.format("\\u%04x", (int) c));
                } else {
                    out.append(c);
                }
            }
        }
    }
}
