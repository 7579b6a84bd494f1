package org.xenvmc.migration.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.xenvmc.migration.json.JsonException;
import org.xenvmc.migration.json.JsonObject;
import org.xenvmc.transport.Path;
import org.xenvmc.transport.ReasonCode;

/** Shows what {@link HostSurvey} found, in the manner of smcss: one line for each direction of each connection. */
public final class StatTable {
    private static final int MAX_PORTS_SHOWN = 8;

    private final StringBuilder out = new StringBuilder();
    private final Map<String, Integer> reasons = new TreeMap<>();
    private int onSharedMemory;
    private int directions;
    private long hidden;
    private boolean rates;

    private StatTable() {}

    /** The table of a survey. */
    public static String render(JsonObject survey) throws JsonException {
        return new StatTable().host(survey).out.toString();
    }

    private StatTable host(JsonObject survey) throws JsonException {
        List<JsonObject> vms = survey.objects("vms");
        out.append("host ").append(survey.text("host"));
        out.append(": ")
                .append(vms.size())
                .append(vms.size() == 1 ? " VM" : " VMs")
                .append('\n');
        if (vms.isEmpty()) {
            return this;
        }
        out.append('\n').append(vms(vms));
        String connections = connections(vms);
        if (directions > 0) {
            out.append('\n').append(connections).append('\n').append(summary());
        }
        if (hidden > 0) {
            out.append(hidden).append(" connections are not shown (--path, --reason)\n");
        }
        for (JsonObject vm : vms) {
            if (vm.has("error")) {
                out.append("VM ")
                        .append(vm.number("domId"))
                        .append(": ")
                        .append(vm.text("error"))
                        .append('\n');
            }
        }
        return this;
    }

    private static Table vms(List<JsonObject> vms) throws JsonException {
        Table table = new Table(
                ">VM", ">PID", "UUID", "ADDRESS", "NETWORK", "LISTENS ON", ">CONNECTIONS", "PHASE", "SHARED MEMORY");
        for (JsonObject vm : vms) {
            boolean answered = !vm.has("error");
            table.row(
                    vm.number("domId"),
                    vm.number("pid"),
                    vm.text("uuid"),
                    vm.text("address"),
                    vm.text("network").isEmpty() ? "-" : vm.text("network"),
                    ports(vm.numbers("ports")),
                    answered ? vm.objects("connections").size() : "?",
                    answered ? vm.text("phase") : "?",
                    answered ? allowed(vm.text("reason")) : "?");
        }
        return table;
    }

    private static String allowed(String reason) {
        return reason.equals(ReasonCode.NONE.name()) ? "on" : reason(reason);
    }

    private static String ports(List<Long> ports) {
        if (ports.isEmpty()) {
            return "-";
        }
        String shown =
                ports.stream().limit(MAX_PORTS_SHOWN).map(String::valueOf).collect(Collectors.joining(","));
        return ports.size() > MAX_PORTS_SHOWN ? shown + ",... (" + ports.size() + ")" : shown;
    }

    private String connections(List<JsonObject> vms) throws JsonException {
        List<JsonObject> answered = vms.stream().filter(vm -> !vm.has("error")).toList();
        rates = hasRates(answered);
        Table table = new Table(heads());
        for (JsonObject vm : answered) {
            hidden += vm.has("hidden") ? vm.number("hidden") : 0;
            for (JsonObject c : vm.objects("connections")) {
                direction(table, vm, c, "->", c.object("sending"));
                direction(table, vm, c, "<-", c.object("receiving"));
            }
        }
        return table.toString();
    }

    private static boolean hasRates(List<JsonObject> vms) throws JsonException {
        for (JsonObject vm : vms) {
            for (JsonObject c : vm.objects("connections")) {
                if (c.object("sending").has("bytesPerSecond")) {
                    return true;
                }
            }
        }
        return false;
    }

    private String[] heads() {
        List<String> heads = new ArrayList<>(
                List.of(">VM", "LOCAL", "", "REMOTE", ">PEER", "PATH", "REASON", ">BYTES", ">BY MEMORY", ">RING"));
        heads.addAll(List.of(">SWITCHES", ">SLEEPS", ">WAKE-UPS"));
        if (rates) {
            heads.addAll(List.of(">BYTES/S", ">SLEEPS/S", ">WAKE-UPS/S"));
        }
        return heads.toArray(String[]::new);
    }

    private void direction(Table table, JsonObject vm, JsonObject c, String arrow, JsonObject d) throws JsonException {
        boolean first = arrow.equals("->");
        boolean shared = d.text("path").equals(Path.SHARED_MEMORY.name());
        directions++;
        if (shared) {
            onSharedMemory++;
        } else {
            reasons.merge(reason(d.text("reason")), 1, Integer::sum);
        }
        List<Object> cells = new ArrayList<>();
        cells.add(first ? vm.number("domId") : "");
        cells.add(first ? c.text("local") : "");
        cells.add(arrow);
        cells.add(first ? c.text("remote") : "");
        cells.add(first && c.has("peer") ? c.object("peer").number("domId") : first ? "-" : "");
        cells.add(path(d.text("path")));
        cells.add(shared ? "-" : reason(d.text("reason")));
        cells.add(Units.bytes(d.number("bytes")));
        cells.add(Units.bytes(d.number("ringBytes")));
        cells.add(ring(d));
        cells.addAll(List.of(d.number("switches"), d.number("sleeps"), d.number("wakeUps")));
        if (rates) {
            cells.add(d.has("bytesPerSecond") ? Units.bytesPerSecond(d.decimal("bytesPerSecond")) : "-");
            cells.add(perSecond(d, "sleepsPerSecond"));
            cells.add(perSecond(d, "wakeUpsPerSecond"));
        }
        table.row(cells.toArray());
    }

    private static String perSecond(JsonObject d, String name) throws JsonException {
        return d.has(name) ? String.valueOf(Math.round(d.decimal(name))) : "-";
    }

    /** How a path is called in tables. */
    static String path(String name) {
        if (name.equals(Path.SHARED_MEMORY.name())) {
            return "memory";
        }
        return name.equals(Path.FRAMED_TCP.name()) ? "tcp framed" : "tcp";
    }

    private static String reason(String name) {
        try {
            return name + " (" + ReasonCode.valueOf(name).code() + ")";
        } catch (IllegalArgumentException e) {
            return name; // the VM is newer than this tool
        }
    }

    private static String ring(JsonObject d) throws JsonException {
        long capacity = d.number("ringCapacityBytes");
        if (capacity == 0) {
            return "-";
        }
        return d.number("ringFillBytes") * 100 / capacity + "% of " + Units.kibibytes(capacity);
    }

    private String summary() {
        StringBuilder text = new StringBuilder();
        text.append(directions).append(" directions: ").append(onSharedMemory).append(" on shared memory, ");
        text.append(directions - onSharedMemory).append(" on TCP\n");
        reasons.forEach((reason, count) -> text.append("  ")
                .append(count)
                .append(" x ")
                .append(reason)
                .append(explanation(reason))
                .append('\n'));
        return text.toString();
    }

    private static String explanation(String reason) {
        int space = reason.indexOf(' ');
        return space < 0
                ? ""
                : ": " + ReasonCode.valueOf(reason.substring(0, space)).explanation();
    }
}
