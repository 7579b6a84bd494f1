package org.xenvmc.transport.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.SocketOptions;
import java.net.StandardSocketOptions;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SocketChannel;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Options of a channel in the two forms that {@link java.net.SocketImpl} has. Exceptions are those of the JDK's sockets. */
final class ImplOptions {
    /** An option of the JDK's channels that is not public. */
    private static final String INTERNAL = "SO_OOBINLINE";

    private static final Map<Integer, SocketOption<Boolean>> BOOLEANS = Map.of(
            SocketOptions.TCP_NODELAY, StandardSocketOptions.TCP_NODELAY,
            SocketOptions.SO_KEEPALIVE, StandardSocketOptions.SO_KEEPALIVE,
            SocketOptions.SO_REUSEADDR, StandardSocketOptions.SO_REUSEADDR,
            SocketOptions.SO_REUSEPORT, StandardSocketOptions.SO_REUSEPORT);

    private static final Map<Integer, SocketOption<Integer>> INTEGERS = Map.of(
            SocketOptions.IP_TOS, StandardSocketOptions.IP_TOS,
            SocketOptions.SO_SNDBUF, StandardSocketOptions.SO_SNDBUF,
            SocketOptions.SO_RCVBUF, StandardSocketOptions.SO_RCVBUF);

    private ImplOptions() {}

    static Set<SocketOption<?>> supported(NetworkChannel channel) {
        Set<SocketOption<?>> options = new HashSet<>(channel.supportedOptions());
        options.removeIf(option -> option.name().equals(INTERNAL));
        return options;
    }

    static <T> void set(NetworkChannel channel, SocketOption<T> option, T value) throws IOException {
        requireSupported(channel, option);
        channel.setOption(option, valid(option, value));
    }

    /** The value, which a caller may have smuggled past the compiler. */
    static <T> T valid(SocketOption<T> option, Object value) {
        if (!option.type().isInstance(value)) {
            throw new IllegalArgumentException("Invalid value '" + value + "'");
        }
        return option.type().cast(value);
    }

    static <T> T get(NetworkChannel channel, SocketOption<T> option) throws IOException {
        requireSupported(channel, option);
        return channel.getOption(option);
    }

    private static void requireSupported(NetworkChannel channel, SocketOption<?> option) {
        Objects.requireNonNull(option);
        if (!supported(channel).contains(option)) {
            throw new UnsupportedOperationException("'" + option + "' not supported");
        }
    }

    static void set(NetworkChannel channel, int id, Object value) throws SocketException {
        try {
            if (BOOLEANS.containsKey(id)) {
                channel.setOption(BOOLEANS.get(id), valueOf(Boolean.class, value, id));
            } else if (INTEGERS.containsKey(id)) {
                channel.setOption(INTEGERS.get(id), size(id, valueOf(Integer.class, value, id)));
            } else if (id == SocketOptions.SO_LINGER) {
                int lingerS = value instanceof Boolean ? -1 : valueOf(Integer.class, value, id);
                channel.setOption(StandardSocketOptions.SO_LINGER, lingerS);
            } else if (id == SocketOptions.SO_OOBINLINE && channel instanceof SocketChannel) {
                ((SocketChannel) channel).socket().setOOBInline(valueOf(Boolean.class, value, id));
            } else {
                throw new SocketException("Unknown option " + id);
            }
        } catch (SocketException e) {
            throw e;
        } catch (IllegalArgumentException | UnsupportedOperationException | IOException e) {
            throw caused(e);
        }
    }

    private static int size(int id, int value) throws SocketException {
        if (value <= 0 && id != SocketOptions.IP_TOS) {
            throw new SocketException((id == SocketOptions.SO_SNDBUF ? "SO_SNDBUF" : "SO_RCVBUF") + " <= 0");
        }
        return value;
    }

    private static <T> T valueOf(Class<T> type, Object value, int id) throws SocketException {
        if (!type.isInstance(value)) {
            throw new SocketException("Bad value for option " + id + ": " + value);
        }
        return type.cast(value);
    }

    static Object get(NetworkChannel channel, int id) throws SocketException {
        try {
            if (BOOLEANS.containsKey(id)) {
                return channel.getOption(BOOLEANS.get(id));
            }
            if (INTEGERS.containsKey(id)) {
                return channel.getOption(INTEGERS.get(id));
            }
            if (id == SocketOptions.SO_LINGER) {
                int lingerS = channel.getOption(StandardSocketOptions.SO_LINGER);
                return lingerS == -1 ? Boolean.FALSE : (Object) lingerS;
            }
            if (id == SocketOptions.SO_OOBINLINE && channel instanceof SocketChannel) {
                return ((SocketChannel) channel).socket().getOOBInline();
            }
            if (id == SocketOptions.SO_BINDADDR) {
                return boundAddress(channel);
            }
            throw new SocketException("Unknown option " + id);
        } catch (SocketException e) {
            throw e;
        } catch (UnsupportedOperationException | IOException e) {
            throw caused(e);
        }
    }

    private static InetAddress boundAddress(NetworkChannel channel) throws IOException {
        InetSocketAddress local = (InetSocketAddress) channel.getLocalAddress();
        return local == null ? new InetSocketAddress(0).getAddress() : local.getAddress();
    }

    private static SocketException caused(Exception e) {
        SocketException s = new SocketException(e.getMessage());
        s.initCause(e);
        return s;
    }
}
