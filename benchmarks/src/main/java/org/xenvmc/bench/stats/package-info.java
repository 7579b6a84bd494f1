/** Medians and quartiles. */
package org.xenvmc.bench.stats;
