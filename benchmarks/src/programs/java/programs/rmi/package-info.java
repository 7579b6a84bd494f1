/** The JDK's RMI, both ways: calls, and calls back. */
package programs.rmi;
