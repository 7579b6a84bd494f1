/** The Java agent: the library for programs that nobody changed. */
package org.xenvmc.transport.agent;
