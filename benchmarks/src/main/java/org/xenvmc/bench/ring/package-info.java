/** Rings between two processes without a socket API: ours, and Agrona's. The only user of Agrona's buffers. */
package org.xenvmc.bench.ring;
