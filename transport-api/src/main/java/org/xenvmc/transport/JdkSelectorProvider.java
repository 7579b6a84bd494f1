package org.xenvmc.transport;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.nio.channels.spi.SelectorProvider;
import java.util.List;

/**
 * Finds the selector provider that the JDK would use if nobody had configured another one. Needed because the default
 * provider of the process may be ours, while the JDK's own channels lie below all our channels.
 *
 * <p>Implementations that open sockets of their own (an event loop, say) must take this one as well: {@link
 * SelectorProvider#provider()} could be a {@link VmcSelectorProvider}.
 */
public final class JdkSelectorProvider {
    static final String PROVIDER_PROPERTY = "java.nio.channels.spi.SelectorProvider";
    private static final String JDK_PACKAGE = "sun.nio.ch.";

    /** In the order in which the JDKs of the various systems prefer them. */
    private static final List<String> CLASSES = List.of(
            "EPollSelectorProvider",
            "KQueueSelectorProvider",
            "WEPollSelectorProvider",
            "WindowsSelectorProvider",
            "PollSelectorProvider");

    private static volatile SelectorProvider known;

    private JdkSelectorProvider() {}

    /** Called by the agent, which can ask the JDK, before the first {@link #get()}. */
    public static void known(SelectorProvider jdks) {
        known = jdks;
    }

    /**
     * The JDK's own provider; always the same one. Thread-safe.
     *
     * @throws IllegalStateException when this JDK has none that is known, naming what was tried
     */
    public static SelectorProvider get() {
        return Holder.INSTANCE;
    }

    private static final class Holder {
        static final SelectorProvider INSTANCE = find();

        private static SelectorProvider find() {
            if (known != null) {
                return known;
            }
            // With the property set, provider() would make a second provider of ours, or wait for the one being made.
            if (System.getProperty(PROVIDER_PROPERTY) == null) {
                SelectorProvider configured = SelectorProvider.provider();
                // null: provider() is being initialised and is what called us
                if (configured != null && configured.getClass().getName().startsWith(JDK_PACKAGE)) {
                    return configured;
                }
            }
            return instantiate();
        }
    }

    private static SelectorProvider instantiate() {
        Throwable failure = null;
        for (String simpleName : CLASSES) {
            try {
                return (SelectorProvider) construct(Class.forName(JDK_PACKAGE + simpleName));
            } catch (ClassNotFoundException e) {
                // belongs to another operating system
            } catch (InvocationTargetException e) {
                failure = e.getCause();
            } catch (ReflectiveOperationException | RuntimeException e) {
                failure = e;
            }
        }
        throw new IllegalStateException(
                "the JDK's own selector provider cannot be made: tried " + CLASSES + " of " + JDK_PACKAGE
                        + " on Java " + Runtime.version()
                        + "; the module jdk.unsupported has to be present. Or do not set -D"
                        + PROVIDER_PROPERTY + " and pass SelectorProvider.provider() to VmcSelectorProvider",
                failure);
    }

    /**
     * Calls a public constructor of a class in a package that is not exported, as serialization frameworks do. By
     * reflection, since javac warns of {@code sun.reflect} and cannot be told not to.
     */
    private static Object construct(Class<?> type) throws ReflectiveOperationException {
        Class<?> factoryClass = Class.forName("sun.reflect.ReflectionFactory");
        Object factory = factoryClass.getMethod("getReflectionFactory").invoke(null);
        Constructor<?> constructor = (Constructor<?>) factoryClass
                .getMethod("newConstructorForSerialization", Class.class, Constructor.class)
                .invoke(factory, type, type.getDeclaredConstructor());
        return constructor.newInstance();
    }
}
