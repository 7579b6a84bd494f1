/** Who tells us that a machine moves, and the live migration assistant. */
package org.xenvmc.migration;
