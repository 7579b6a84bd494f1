/** What runs in the child processes of a measurement. */
package org.xenvmc.bench.worker;
