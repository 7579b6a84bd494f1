package org.xenvmc.transport.spi;

/**
 * Whether a VM of the host may hold the other end of a connection to an address, and if not, why. It is what decides whom
 * a connection is offered to, so that a tool that shows it says what will happen.
 */
public enum Reach {
    /** It may: it listens on the port, and the address can be its own. It is asked. */
    POSSIBLE("may have the other end"),
    /** It does not listen on the port, as far as the library knows. */
    NOT_LISTENING("does not listen on the port with this library"),
    /** The address is one of loopback or of a link, and the VM is in another network namespace. */
    OTHER_NAMESPACE("is in another network namespace, where a loopback or link-local address means something else"),
    /** The address is none of those that the VM published. */
    OTHER_ADDRESS("is in another network namespace, and the address is not one of its own"),
    /** The address is private, and nothing says that the two are in one network. */
    OTHER_NETWORK("is in another network namespace without a common xenvmc.network, and the address is private");

    private final String explanation;

    Reach(String explanation) {
        this.explanation = explanation;
    }

    /** What is said of the VM, as the rest of a sentence that begins with it. */
    public String explanation() {
        return explanation;
    }
}
