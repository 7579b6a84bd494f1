/**
 * The command line of {@code xenvmc.jar}: what {@code ./xenvmc stat}, {@code check}, {@code migrate}, {@code switch}
 * do.
 */
package org.xenvmc.migration.cli;
