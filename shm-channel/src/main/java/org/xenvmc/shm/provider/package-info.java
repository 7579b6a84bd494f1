/** What a memory provider offers: membership of a host, mailboxes, grants. */
package org.xenvmc.shm.provider;
