/** The program that runs inside the guests. */
package org.xenvmc.migration.vm.guest;
