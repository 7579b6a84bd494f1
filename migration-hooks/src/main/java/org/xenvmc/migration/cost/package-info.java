/**
 * What a live migration costs: how many pages a VM and its connections dirty, and what pre-copy makes of that.
 * Formulas and
 * their sources are in docs/migration-cost.md.
 */
package org.xenvmc.migration.cost;
