/** The lines that the driver and its worker processes exchange. */
package org.xenvmc.bench.protocol;
