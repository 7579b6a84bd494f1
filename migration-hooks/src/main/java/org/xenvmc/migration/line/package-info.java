/** JSON objects, one per line, over a Unix-domain socket, a pseudo-terminal or a virtio-serial port. */
package org.xenvmc.migration.line;
