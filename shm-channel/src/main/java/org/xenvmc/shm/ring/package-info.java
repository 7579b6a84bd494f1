/** One ring: its layout in shared memory, its two ends, and waiting for each other. */
package org.xenvmc.shm.ring;
