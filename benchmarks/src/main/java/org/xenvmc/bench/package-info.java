/** Measurements against plain TCP, Unix-domain sockets and Agrona in the same run. */
package org.xenvmc.bench;
