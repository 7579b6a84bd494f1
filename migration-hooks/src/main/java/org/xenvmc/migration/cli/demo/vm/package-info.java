/** What runs in the demo's two VMs: ordinary programs with socket channels, told over standard input what to do. */
package org.xenvmc.migration.cli.demo.vm;
