/**
 * What the agent does inside the JDK. These classes are loaded a second time by {@code InternalsLoader}, into a module to which
 * alone the JDK is opened, so that the program finds the JDK as closed as it was.
 */
package org.xenvmc.transport.agent.internal;
