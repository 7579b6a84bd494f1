package org.xenvmc.migration.vmdemo;

import org.xenvmc.migration.MigrationMode;

/**
 * What is to be shown.
 *
 * @param rounds migrations, one after the other
 * @param order keep or early
 * @param bytesPerSecond traffic in each direction
 * @param migrationBytesPerSecond bandwidth of a migration
 */
record VmDemoPlan(int rounds, MigrationMode order, long bytesPerSecond, long migrationBytesPerSecond) {}
