package org.xenvmc.transport;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/**
 * Rules that say which connections may use shared memory. A rule is {@code address[/prefix][:port[-port]]}, {@code *} or
 * {@code *:port[-port]}; an IPv6 address stands in brackets. It matches when the local or the remote end matches. Rules are
 * separated by commas. Addresses are literals: no name is looked up.
 */
public final class AccessRules {
    private record Rule(byte[] network, int prefix, int firstPort, int lastPort) {
        boolean matches(InetSocketAddress end) {
            return end.getPort() >= firstPort && end.getPort() <= lastPort && matches(end.getAddress());
        }

        private boolean matches(InetAddress address) {
            if (network == null) {
                return true;
            }
            byte[] a = address.getAddress();
            if (a.length != network.length) {
                return false;
            }
            for (int bit = 0; bit < prefix; bit++) {
                int mask = 0x80 >> (bit & 7);
                if (((a[bit >> 3] ^ network[bit >> 3]) & mask) != 0) {
                    return false;
                }
            }
            return true;
        }
    }

    private final List<Rule> rules;

    private AccessRules(List<Rule> rules) {
        this.rules = List.copyOf(rules);
    }

    /**
     * Parses rules.
     *
     * @param text comma separated rules; empty for none
     * @throws IllegalArgumentException naming the rule that cannot be read
     */
    public static AccessRules parse(String text) {
        List<Rule> rules = new ArrayList<>();
        for (String part : text.split(",")) {
            if (!part.isBlank()) {
                rules.add(parseRule(part.trim()));
            }
        }
        return new AccessRules(rules);
    }

    private static Rule parseRule(String text) {
        int end = text.startsWith("[")
                ? text.indexOf(']') + 1
                : indexOrLength(text, '/', indexOrLength(text, ':', text.length()));
        if (end == 0) {
            throw bad(text, "a bracket is not closed");
        }
        String address = text.substring(0, end);
        String rest = text.substring(end);
        int prefix = -1;
        if (rest.startsWith("/")) {
            int colon = indexOrLength(rest, ':', rest.length());
            prefix = number(text, rest.substring(1, colon), 0, 128);
            rest = rest.substring(colon);
        }
        int[] ports = ports(text, rest);
        if (address.equals("*")) {
            return new Rule(null, 0, ports[0], ports[1]);
        }
        byte[] network = literal(text, address);
        int bits = network.length * 8;
        if (prefix > bits) {
            throw bad(text, "the prefix is longer than the address");
        }
        return new Rule(network, prefix < 0 ? bits : prefix, ports[0], ports[1]);
    }

    private static int[] ports(String text, String rest) {
        if (rest.isEmpty()) {
            return new int[] {0, 65535};
        }
        if (!rest.startsWith(":")) {
            throw bad(text, "expected ':' before the port");
        }
        int dash = rest.indexOf('-');
        if (dash < 0) {
            int port = number(text, rest.substring(1), 0, 65535);
            return new int[] {port, port};
        }
        int first = number(text, rest.substring(1, dash), 0, 65535);
        int last = number(text, rest.substring(dash + 1), first, 65535);
        return new int[] {first, last};
    }

    private static byte[] literal(String text, String address) {
        String bare = address.startsWith("[") ? address.substring(1, address.length() - 1) : address;
        if (!bare.matches("[0-9.]+") && !bare.contains(":")) {
            throw bad(text, "not an address literal");
        }
        try {
            return InetAddress.getByName(bare).getAddress();
        } catch (UnknownHostException e) {
            throw bad(text, "not an address literal");
        }
    }

    private static int indexOrLength(String s, char c, int otherwise) {
        int i = s.indexOf(c);
        return i < 0 ? otherwise : Math.min(i, otherwise);
    }

    private static int number(String text, String digits, int min, int max) {
        try {
            int n = Integer.parseInt(digits);
            if (n >= min && n <= max) {
                return n;
            }
        } catch (NumberFormatException e) {
            throw bad(text, "'" + digits + "' is not a number");
        }
        throw bad(text, digits + " is not between " + min + " and " + max);
    }

    private static IllegalArgumentException bad(String rule, String why) {
        return new IllegalArgumentException(
                "rule '" + rule + "': " + why + "; expected address[/prefix][:port[-port]], or *[:port[-port]]");
    }

    /** Whether no rule was given. */
    public boolean isEmpty() {
        return rules.isEmpty();
    }

    /** Whether a rule matches one of the two ends. */
    public boolean matches(InetSocketAddress local, InetSocketAddress remote) {
        for (Rule rule : rules) {
            if (rule.matches(local) || rule.matches(remote)) {
                return true;
            }
        }
        return false;
    }
}
