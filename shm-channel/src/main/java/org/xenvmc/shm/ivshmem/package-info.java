/**
 * The memory provider for virtual machines under QEMU: a host is one ivshmem region, its VMs are the guests that have the device
 * plugged in.
 */
package org.xenvmc.shm.ivshmem;
