/** The figures: what is compared, how, and what is aimed at. */
package org.xenvmc.bench.figure;
