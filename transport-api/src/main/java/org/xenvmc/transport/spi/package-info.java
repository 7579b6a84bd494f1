/** The interfaces behind which the other modules stand. */
package org.xenvmc.transport.spi;
