/** {@code xenvmc debug}: a bundle for a bug report. */
package org.xenvmc.migration.cli.debug;
