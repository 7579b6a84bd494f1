/** What the same workload is run over: our channels, the JDK's TCP channels, Unix-domain sockets. */
package org.xenvmc.bench.transport;
