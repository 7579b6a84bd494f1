/**
 * What an application sees: {@link org.xenvmc.transport.VmcSelectorProvider} with its channels and selectors, {@link
 * org.xenvmc.transport.VmcContext} to configure it, and {@link org.xenvmc.transport.VmcConnections} to ask a connection
 * how it travels.
 */
package org.xenvmc.transport;
