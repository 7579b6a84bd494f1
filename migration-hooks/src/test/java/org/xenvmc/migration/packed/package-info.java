/** {@code xenvmc.jar} as applications use it, in JVMs of their own. */
package org.xenvmc.migration.packed;
