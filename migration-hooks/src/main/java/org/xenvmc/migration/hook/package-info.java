/**
 * Sources of news that a machine moves: each watches one place and calls a {@link
 * org.xenvmc.migration.MigrationHook}.
 */
package org.xenvmc.migration.hook;
