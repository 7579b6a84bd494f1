package org.xenvmc.migration.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The option that says how fast a guest's memory may be copied. */
public final class BandwidthOption {
    private static final long MOST_MIB = 100_000;

    @Spec(Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--bandwidth-mb",
            paramLabel = "MIB",
            description = "Bandwidth of a migration in MiB per second. Default: ${DEFAULT-VALUE}.")
    private long mib;

    /** With a default in MiB per second. */
    public BandwidthOption(long mib) {
        this.mib = mib;
    }

    /** Bytes per second. */
    public long bytesPerSecond() {
        return mib << 20;
    }

    /** Fails, as a wrong option does, when it makes no sense. */
    public void check() {
        if (mib < 1 || mib > MOST_MIB) {
            throw new ParameterException(
                    spec.commandLine(), "--bandwidth-mb: " + mib + " is not between 1 and " + MOST_MIB);
        }
    }
}
