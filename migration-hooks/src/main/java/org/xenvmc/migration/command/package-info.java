/**
 * What a running VM answers when a tool asks: the commands behind {@code xenvmc stat}, {@code migrate} and {@code
 * switch}.
 */
package org.xenvmc.migration.command;
