package org.xenvmc.tcp;

import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import org.xenvmc.transport.ConnectionInfo;
import org.xenvmc.transport.ConnectionLostException;
import org.xenvmc.transport.ReasonCode;
import org.xenvmc.transport.TransportStatistics;
import org.xenvmc.transport.TransportStatistics.Totals;
import org.xenvmc.transport.metrics.FlightRecording;

/**
 * What an engine counts over all its streams. The streams count for themselves; what a stream has counted is added here
 * when it is closed, so that reading and writing cost nothing more. Thread-safe.
 */
final class Tally {
    private final Map<ReasonCode, Long> refusals = new EnumMap<>(ReasonCode.class);
    private long opened;
    private long closed;
    private long lost;
    private Totals sending = Totals.NOTHING;
    private Totals receiving = Totals.NOTHING;

    /** A stream was opened; tells it whom to tell of what happens. */
    void opened(SwitchingStream stream) {
        stream.observer(new Reporter(stream));
        synchronized (this) {
            opened++;
        }
    }

    /** A stream is closed: adds what it has counted, and takes it out of the open ones in the same step. */
    synchronized void closed(SwitchingStream stream, Collection<SwitchingStream> open) {
        if (open.remove(stream)) {
            ConnectionInfo last = stream.info();
            closed++;
            sending = sending.plus(last.sending());
            receiving = receiving.plus(last.receiving());
        }
    }

    private synchronized void refused(ReasonCode why) {
        refusals.merge(why, 1L, Long::sum);
    }

    private synchronized void lost() {
        lost++;
    }

    /** Everything up to now. */
    synchronized TransportStatistics with(Collection<SwitchingStream> open) {
        Totals out = sending;
        Totals in = receiving;
        for (SwitchingStream stream : open) {
            ConnectionInfo c = stream.info();
            out = out.plus(c.sending());
            in = in.plus(c.receiving());
        }
        return new TransportStatistics(opened, closed, lost, out, in, refusals);
    }

    /** Counts what happens to one stream, and records it if somebody records. */
    private final class Reporter implements StreamState.Observer {
        private final SwitchingStream stream;

        Reporter(SwitchingStream stream) {
            this.stream = stream;
        }

        @Override
        public void pathChanged(boolean sending, boolean toSharedMemory, long offset) {
            if (FlightRecording.isOn()) {
                FlightRecording.pathChanged(stream.info(), sending, toSharedMemory, offset);
            }
        }

        @Override
        public void refused(ReasonCode why) {
            Tally.this.refused(why);
            if (FlightRecording.isOn()) {
                FlightRecording.refused(stream.info(), why);
            }
        }

        @Override
        public void failed(ConnectionLostException error) {
            lost();
            if (FlightRecording.isOn()) {
                FlightRecording.lost(stream.info(), error);
            }
        }
    }
}
