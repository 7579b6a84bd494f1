/** Netty over three transports: ours, its NIO transport over our provider, and its NIO transport as it is. */
package org.xenvmc.bench.netty;
