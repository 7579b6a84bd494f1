/** Real programs under the agent. */
package org.xenvmc.bench.program;
