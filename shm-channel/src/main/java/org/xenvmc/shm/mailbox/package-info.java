/** Control messages between VMs: many producers, one consumer, in Agrona's many-to-one ring-buffer format, hardened. */
package org.xenvmc.shm.mailbox;
