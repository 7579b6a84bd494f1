package org.xenvmc.bench.guest;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** All cases of the experiment, and which of them are asked for. */
final class Scenarios {
    /** Mailbox of the mail server, in MiB. */
    static final int MAILBOX_MIB = 32;

    private static final int[] USERS = {4, 8, 12, 16, 20};
    private static final int[] FILES_MB = {1, 3};
    private static final int[] WORKING_SETS_MIB = {1, 16, 48, 96};
    private static final int[] RATES_MIB = {8, 24};
    private static final Way[] MAIL_WAYS = {Way.TCP, Way.EARLY, Way.KEEP};
    private static final Way[] DATA_WAYS = {Way.TCP, Way.KEEP, Way.PLACE};

    private static final List<String> QUICK =
            List.of("link.spin", "idle.w32", "mail.8x1.tcp", "mail.8x1.keep", "idle.w96", "data.w96.r24.*");

    private Scenarios() {}

    /** Everything. */
    static List<Scenario> all() {
        List<Scenario> all = new ArrayList<>();
        all.add(Scenario.link(false));
        all.add(Scenario.link(true));
        all.add(Scenario.idle(MAILBOX_MIB));
        for (int fileMb : FILES_MB) {
            for (int users : USERS) {
                for (Way way : MAIL_WAYS) {
                    all.add(Scenario.mail(users, fileMb, MAILBOX_MIB, way));
                }
            }
        }
        for (int workingSetMib : WORKING_SETS_MIB) {
            all.add(Scenario.idle(workingSetMib));
            for (int rate : RATES_MIB) {
                for (Way way : DATA_WAYS) {
                    all.add(Scenario.data(workingSetMib, rate, way));
                }
            }
        }
        return List.copyOf(all);
    }

    /** A few that show the effect. */
    static List<Scenario> quick() {
        return named(QUICK);
    }

    /**
     * Cases by name; a star stands for anything.
     *
     * @throws IllegalArgumentException when a name means none
     */
    static List<Scenario> named(List<String> names) {
        Set<Scenario> chosen = new LinkedHashSet<>();
        for (String name : names) {
            Pattern pattern = Pattern.compile(Pattern.quote(name.trim()).replace("*", "\\E.*\\Q"));
            List<Scenario> found = all().stream()
                    .filter(s -> pattern.matcher(s.id()).matches())
                    .toList();
            if (found.isEmpty()) {
                throw new IllegalArgumentException("there is no case '" + name + "'; --list shows all");
            }
            chosen.addAll(found);
        }
        return List.copyOf(chosen);
    }

    /** The case of that name, or null. */
    static Scenario find(String id) {
        return all().stream().filter(s -> s.id().equals(id)).findFirst().orElse(null);
    }
}
