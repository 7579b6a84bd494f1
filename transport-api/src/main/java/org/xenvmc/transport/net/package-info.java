/** {@code java.net} sockets over the library: socket implementations and the factories that make them. */
package org.xenvmc.transport.net;
