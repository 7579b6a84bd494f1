/** The system calls of the file provider: the only package that knows JNA. */
package org.xenvmc.shm.syscall;
