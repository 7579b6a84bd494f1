/** Real guests under QEMU: their image, their processes, their network, and a line into each. For demonstrations and tests. */
package org.xenvmc.migration.vm;
