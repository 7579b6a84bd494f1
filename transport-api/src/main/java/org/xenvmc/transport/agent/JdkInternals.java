package org.xenvmc.transport.agent;

import java.lang.instrument.Instrumentation;
import java.nio.channels.spi.SelectorProvider;

/** The agent's hands inside the JDK; see {@link InternalsLoader}. */
public interface JdkInternals {
    /** The JDK's own selector provider, without choosing it for the process. */
    SelectorProvider selectorProvider() throws Exception;

    /**
     * Makes {@code new Socket()} and {@code new ServerSocket()} ours wherever the JDK would use its own implementation.
     *
     * @throws Exception when this JDK is not as expected: nothing was changed then
     */
    void installSockets(Instrumentation instrumentation) throws Exception;

    /**
     * Makes the streams of {@link java.nio.channels.Channels} over our channels ours, where the JDK has better ones for its own
     * channels than for others (19 and later).
     *
     * @throws Exception when this JDK is not as expected: nothing was changed then
     */
    void installStreams(Instrumentation instrumentation) throws Exception;

    /**
     * Makes reads with a limit of time as cheap on TCP as the JDK's own are.
     *
     * @throws Exception when this JDK is not as expected: nothing was changed then
     */
    void installTimedWaits() throws Exception;

    /**
     * Lets code outside of modules, the library's among it, call native code without the warning of JDK 24 and later. Does
     * nothing where the program's command line has forbidden it.
     */
    void allowNativeAccess() throws Exception;
}
