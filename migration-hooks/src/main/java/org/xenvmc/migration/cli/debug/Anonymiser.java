package org.xenvmc.migration.cli.debug;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Puts names in the place of addresses, and of this machine and user: always the same one for the same. What kind of address it
 * is stays visible; loopback and wildcard addresses say nothing about anybody and stay. Used by one thread.
 */
final class Anonymiser {
    private static final Pattern IPV4 = Pattern.compile("(?<![\\w.])(?:\\d{1,3}\\.){3}\\d{1,3}(?![\\w]|\\.\\d)");
    /** At least two colons, so that a time of day is not one: those of it that parse are taken. */
    private static final Pattern IPV6 =
            Pattern.compile("(?<![\\w:.])(?=[0-9a-fA-F:.]*:[0-9a-fA-F:.]*:)[0-9a-fA-F:.]{3,}(?:%\\w+)?(?![\\w:])");

    private final Map<String, String> names = new LinkedHashMap<>();
    private final Map<String, String> words = new LinkedHashMap<>();
    private final Map<String, Integer> numbers = new LinkedHashMap<>();

    /** A word that is to be replaced wherever it stands by itself. Short ones are left alone: they are in everything. */
    Anonymiser word(String word, String kind) {
        if (word != null && word.length() > 1) {
            words.computeIfAbsent(word, w -> next(kind));
        }
        return this;
    }

    String apply(String text) {
        String out = text;
        for (Map.Entry<String, String> word : words.entrySet()) {
            out = Pattern.compile("(?<![A-Za-z0-9])" + Pattern.quote(word.getKey()) + "(?![A-Za-z0-9])")
                    .matcher(out)
                    .replaceAll(Matcher.quoteReplacement(word.getValue()));
        }
        out = IPV6.matcher(out).replaceAll(found -> Matcher.quoteReplacement(name(found.group())));
        return IPV4.matcher(out).replaceAll(found -> Matcher.quoteReplacement(name(found.group())));
    }

    private String name(String text) {
        int scope = text.indexOf('%');
        InetAddress address = parse(scope < 0 ? text : text.substring(0, scope));
        if (address == null || address.isLoopbackAddress() || address.isAnyLocalAddress()) {
            return text;
        }
        return names.computeIfAbsent(address.getHostAddress(), a -> next(kind(address)));
    }

    /** Asks no name server: what looks like an address is only parsed. */
    private static InetAddress parse(String text) {
        try {
            return text.matches(".*:[0-9]{2}:[0-9]{2}.*") && text.matches("[0-9:.]{5,12}") && text.indexOf("::") < 0
                    ? null // a time of day
                    : InetAddress.getByName(text.indexOf(':') >= 0 ? "[" + text + "]" : text);
        } catch (UnknownHostException e) {
            return null;
        }
    }

    private static String kind(InetAddress address) {
        String family = address.getAddress().length == 4 ? "ipv4" : "ipv6";
        boolean uniqueLocal = address.getAddress().length == 16 && (address.getAddress()[0] & 0xfe) == 0xfc;
        String reach = address.isLinkLocalAddress()
                ? "link"
                : address.isSiteLocalAddress() || uniqueLocal ? "private" : "public";
        return family + "-" + reach;
    }

    private String next(String kind) {
        return kind + "-" + numbers.merge(kind, 1, Integer::sum);
    }
}
