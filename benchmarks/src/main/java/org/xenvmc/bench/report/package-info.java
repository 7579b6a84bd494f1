/** What comes out of a run: rows, as a table for people and as JSON for programs. */
package org.xenvmc.bench.report;
