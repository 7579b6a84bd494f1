package org.xenvmc.transport.agent;

import java.lang.instrument.Instrumentation;
import java.nio.channels.spi.AsynchronousChannelProvider;
import org.xenvmc.transport.agent.ChannelProvider.UnavailableException;
import org.xenvmc.transport.async.VmcAsynchronousChannelProvider;

/** Makes ours the provider of asynchronous channels of the process. */
final class AsynchronousProvider {
    static final String PROPERTY = "java.nio.channels.spi.AsynchronousChannelProvider";
    /** Loaded when the provider is chosen, by the first group or channel. */
    private static final String CHOICE = AsynchronousChannelProvider.class.getName() + "$ProviderHolder";

    private static final String OURS = VmcAsynchronousChannelProvider.class.getName();

    private AsynchronousProvider() {}

    /** Installs it, or throws with the reason why that is not possible. */
    static void install(Instrumentation instrumentation) throws UnavailableException {
        if (ChannelProvider.isLoaded(instrumentation, CHOICE)) {
            AsynchronousChannelProvider chosen = AsynchronousChannelProvider.provider();
            if (chosen instanceof VmcAsynchronousChannelProvider) {
                return;
            }
            throw new UnavailableException("asynchronous channels were used before the agent came, by "
                    + chosen.getClass().getName());
        }
        String configured = System.getProperty(PROPERTY);
        if (configured != null && !configured.equals(OURS)) {
            throw new UnavailableException("the program has its own provider, -D" + PROPERTY + "=" + configured);
        }
        ChannelProvider.requireNoService(AsynchronousChannelProvider.class, OURS);
        ChannelProvider.requireJdks();
        System.setProperty(PROPERTY, OURS);
    }
}
