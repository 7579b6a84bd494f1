/** What happened on a host: a bounded journal on disk, in a Chronicle Queue, readable while it is written. */
package org.xenvmc.migration.journal;
