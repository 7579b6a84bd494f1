/**
 * The paper's experiment with real guests under QEMU: one receives mails, or a stream of data, while it is migrated live. This is the
 * host's side; what runs in the guests is in {@code inside}.
 */
package org.xenvmc.bench.guest;
