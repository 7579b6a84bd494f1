/** Tomcat with its connector on asynchronous channels (NIO2). */
package programs.tomcat;
