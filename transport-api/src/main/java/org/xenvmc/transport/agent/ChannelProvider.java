package org.xenvmc.transport.agent;

import java.lang.instrument.Instrumentation;
import java.nio.channels.spi.SelectorProvider;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.xenvmc.transport.JdkSelectorProvider;
import org.xenvmc.transport.VmcSelectorProvider;

/** Makes ours the selector provider of the process. */
final class ChannelProvider {
    static final String PROPERTY = "java.nio.channels.spi.SelectorProvider";
    /** Loaded when the provider is chosen, by the first channel or selector. */
    private static final String CHOICE = SelectorProvider.class.getName() + "$Holder";

    private static final String OURS = VmcSelectorProvider.class.getName();

    private ChannelProvider() {}

    /** Installs it, or throws with the reason why that is not possible. */
    static void install(Instrumentation instrumentation) throws UnavailableException {
        if (isLoaded(instrumentation, CHOICE)) {
            // mixing two providers would break programs: a channel of one cannot be registered with a selector of the
            // other
            SelectorProvider chosen = SelectorProvider.provider();
            if (chosen instanceof VmcSelectorProvider) {
                return;
            }
            throw new UnavailableException("channels were used before the agent came, by "
                    + chosen.getClass().getName());
        }
        String configured = System.getProperty(PROPERTY);
        if (configured != null && !configured.equals(OURS)) {
            throw new UnavailableException("the program has its own provider, -D" + PROPERTY + "=" + configured);
        }
        requireNoService(SelectorProvider.class, OURS);
        System.setProperty(PROPERTY, OURS);
        try {
            requireJdks();
        } catch (UnavailableException e) {
            System.clearProperty(PROPERTY);
            throw e;
        }
    }

    /** Looks whether the program's class path names a provider of its own, which the JDK would take if we were not here. */
    static void requireNoService(Class<?> type, String ours) throws UnavailableException {
        try {
            String found = ServiceLoader.load(type, ClassLoader.getSystemClassLoader()).stream()
                    .findFirst()
                    .map(provider -> provider.type().getName())
                    .orElse(ours);
            if (!found.equals(ours)) {
                throw new UnavailableException(
                        "the program has its own provider, " + found + " of META-INF/services/" + type.getName());
            }
        } catch (ServiceConfigurationError e) {
            throw new UnavailableException(e.getMessage());
        }
    }

    /** Looks whether the JDK's own channels can be had, which lie below all of ours. */
    static void requireJdks() throws UnavailableException {
        try {
            JdkSelectorProvider.get();
        } catch (IllegalStateException | LinkageError e) {
            throw new UnavailableException(String.valueOf(e.getCause() == null ? e : e.getCause()));
        }
    }

    /** Whether a class of the JDK is loaded, without loading it. */
    static boolean isLoaded(Instrumentation instrumentation, String name) {
        for (Class<?> type : instrumentation.getInitiatedClasses(null)) {
            if (type.getName().equals(name)) {
                return true;
            }
        }
        for (Class<?> type : instrumentation.getAllLoadedClasses()) {
            if (type.getName().equals(name)) {
                return true;
            }
        }
        return false;
    }

    /** Why a part is not installed. */
    static final class UnavailableException extends Exception {
        private static final long serialVersionUID = 1;

        UnavailableException(String why) {
            super(why);
        }
    }
}
