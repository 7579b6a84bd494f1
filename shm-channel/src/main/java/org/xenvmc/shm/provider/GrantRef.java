package org.xenvmc.shm.provider;

/**
 * Names a grant to the one peer that may map it (Xen: the grant reference).
 *
 * @param ownerDomId the granting VM's number on this host
 * @param number the grant's number, unique for the owner's stay on the host, never reused
 * @param bytes its size
 */
public record GrantRef(int ownerDomId, int number, int bytes) {}
