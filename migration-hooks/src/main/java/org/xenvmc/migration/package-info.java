/**
 * Who tells us that a machine moves, and the live migration assistant that takes a VM through the three phases. Begin
 * with {@link org.xenvmc.migration.LiveMigrationAssistant}.
 */
package org.xenvmc.migration;
