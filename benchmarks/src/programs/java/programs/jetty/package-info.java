/** Jetty, and the JDK's HTTP client. */
package programs.jetty;
