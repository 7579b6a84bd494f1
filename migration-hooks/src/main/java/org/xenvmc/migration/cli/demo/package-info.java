/** The demo: two VMs exchange real data while one of them moves to another host and back. */
package org.xenvmc.migration.cli.demo;
