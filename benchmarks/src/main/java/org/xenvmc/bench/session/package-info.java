/** Worker processes and what the driver says to them. */
package org.xenvmc.bench.session;
