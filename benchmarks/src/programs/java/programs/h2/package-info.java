/** The database H2 as a server, and JDBC. */
package programs.h2;
