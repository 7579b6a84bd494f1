package org.xenvmc.migration.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.xenvmc.migration.json.JsonException;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.transport.ReasonCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The options that choose connections. A connection is shown when one of its directions is as they say. */
final class StatFilter {
    /** What carries a direction, as tables call it. */
    enum PathName {
        /** Plain TCP. */
        TCP("TCP"),
        /** TCP after the direction was once on shared memory. */
        FRAMED("FRAMED_TCP"),
        /** Shared memory. */
        MEMORY("SHARED_MEMORY");

        private final String path;

        PathName(String path) {
            this.path = path;
        }
    }

    @Spec(Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--path",
            split = ",",
            paramLabel = "PATH",
            description = "Only connections with a direction on: ${COMPLETION-CANDIDATES}.")
    private List<PathName> paths = new ArrayList<>();

    @Option(
            names = "--reason",
            split = ",",
            paramLabel = "REASON",
            description = "Only connections with a direction that has this reason: its name or its code.")
    private List<String> reasons = new ArrayList<>();

    /** Finds out whether the options make sense. */
    void check() {
        reasons.forEach(this::known);
    }

    private ReasonCode known(String reason) {
        for (ReasonCode r : ReasonCode.values()) {
            if (r.name().equals(reason.toUpperCase(Locale.ROOT)) || reason.equals(String.valueOf(r.code()))) {
                return r;
            }
        }
        throw new ParameterException(
                spec.commandLine(), "--reason " + reason + ": there is no such reason (docs/using.md lists them)");
    }

    /** Whether everything is shown. */
    boolean isEmpty() {
        return paths.isEmpty() && reasons.isEmpty();
    }

    /** Takes away the connections that are not asked for, and tells how many are left out. */
    JsonObject apply(JsonObject survey) throws JsonException {
        if (isEmpty()) {
            return survey;
        }
        for (JsonObject vm : survey.objects("vms")) {
            if (vm.has("error")) {
                continue;
            }
            List<JsonObject> all = vm.objects("connections");
            List<JsonObject> shown = new ArrayList<>();
            for (JsonObject c : all) {
                if (matches(c.object("sending")) || matches(c.object("receiving"))) {
                    shown.add(c);
                }
            }
            vm.put("connections", shown).put("hidden", all.size() - shown.size());
        }
        return survey;
    }

    private boolean matches(JsonObject direction) throws JsonException {
        String path = direction.text("path");
        String reason = direction.text("reason");
        return (paths.isEmpty() || paths.stream().anyMatch(p -> p.path.equals(path)))
                && (reasons.isEmpty()
                        || reasons.stream().anyMatch(r -> known(r).name().equals(reason)));
    }
}
