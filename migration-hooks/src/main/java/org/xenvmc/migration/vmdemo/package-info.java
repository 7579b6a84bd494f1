/** {@code vm-demo}: a live migration of a real guest, and a picture of it. Not part of the jar for applications. */
package org.xenvmc.migration.vmdemo;
