/** Who shares this host, and how two ends of a connection come to rings: table, negotiation, leaving, commands. */
package org.xenvmc.shm.connection;
