/** QEMU's machine protocol: a client, and live migration through it. */
package org.xenvmc.migration.qmp;
