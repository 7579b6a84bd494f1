/** Grants, event channels, rings and the co-residency table in shared memory. */
package org.xenvmc.shm;
