package org.xenvmc.bench.workload;

import java.io.IOException;
import org.xenvmc.bench.transport.Endpoint;

/**
 * A kind of traffic between two processes. One round is one call of {@link #drive} in the client's process and one of
 * {@link #serve} in the server's; both return when the round is over and leave nothing in flight, so that the next
 * round may follow on the same connection.
 */
public interface Workload {
    /** The client's part, which decides how long the round lasts. */
    Sample drive(Endpoint endpoint, WorkloadArguments arguments) throws IOException;

    /** The server's part. */
    Sample serve(Endpoint endpoint, WorkloadArguments arguments) throws IOException;
}
