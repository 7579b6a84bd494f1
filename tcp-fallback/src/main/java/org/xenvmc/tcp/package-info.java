/** The TCP path, its framing after an upgrade, and the path switch. */
package org.xenvmc.tcp;
