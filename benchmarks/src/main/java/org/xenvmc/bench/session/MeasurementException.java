package org.xenvmc.bench.session;

/** A figure could not be measured; the message says what was tried, in which process, and what happened. */
public class MeasurementException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Creates the exception. */
    public MeasurementException(String message) {
        super(message);
    }

    /** Creates the exception with its cause. */
    public MeasurementException(String message, Throwable cause) {
        super(message, cause);
    }
}
