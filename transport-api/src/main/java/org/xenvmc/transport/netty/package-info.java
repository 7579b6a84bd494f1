/**
 * A transport for Netty 4.2 on our channels. The application brings Netty; nothing else in this library needs it. Start
 * with {@link org.xenvmc.transport.netty.VmcIoHandler}.
 */
package org.xenvmc.transport.netty;
