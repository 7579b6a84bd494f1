package programs.tomcat;

/** The client of Jetty: the JDK's. */
public final class ClientMain {
    private ClientMain() {}

    /** The argument is the server's port. */
    public static void main(String[] args) {
        programs.jetty.ClientMain.main(args);
    }
}
