/**
 * Memory provider for processes of one user on one machine: a host is a directory (on tmpfs), a VM is a process, an entry
 * of the co-residency table and a grant are files in it. Layouts: see {@code docs/memory-layout.md}.
 */
package org.xenvmc.shm.file;
