/**
 * Asynchronous channels over shared memory and TCP, in the place of the JDK's. Start with {@link
 * org.xenvmc.transport.async.VmcAsynchronousChannelProvider}.
 */
package org.xenvmc.transport.async;
