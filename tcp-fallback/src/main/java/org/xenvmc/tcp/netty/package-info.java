/** The event loop that watches TCP beside the rings: the only package that knows Netty. */
package org.xenvmc.tcp.netty;
